/*
 * notify: telling customers that a listener they wait for is free.
 *
 * A customer wishes it with a favorite (favorite.notify). A listener who comes
 * online or ends a call is marked here, in the transaction that did it; the
 * job then writes the messages to the outbox, a batch at a time.
 */
#ifndef DOM_NOTIFY_H
#define DOM_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "db/db.h"
#include "dom/job.h"

/* A customer is told of one listener at most once in this time. */
#define NOTIFY_EVERY	(60 * 60 * INT64_C(1000))

/*
 * The listener is free now. *marked: a customer waits for it, so earmark-jobs
 * should be nudged.
 */
enum rc	notify_mark(struct db *, int64_t listener, int64_t now, bool *marked);

/*
 * A job, run inside a write transaction: for listeners that were marked and
 * still are listed, online and free, put a push message ("listener_available")
 * into the outbox for each active customer who wished it, oldest wish first.
 * At most `batch` messages a call. *done: messages written; *next: when to
 * call again, INT64_MAX: not before the next mark.
 */
enum rc	notify_due_run(struct db *, struct arena *, int64_t batch, int64_t now,
	    int64_t *next, int64_t *done);

/* The same as a job of earmark-jobs. */
enum rc	notify_look(struct job_run *);
enum rc	notify_act(struct job_run *);

#endif
