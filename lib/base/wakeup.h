/*
 * wakeup: wake another program of the installation, since there are rows for it.
 *
 * A datagram to its socket in run_dir. A lost nudge costs it a second: it looks
 * by itself, too.
 */
#ifndef BASE_WAKEUP_H
#define BASE_WAKEUP_H

/* Who may be nudged, as bits. */
#define WAKEUP_JOBS	01u		/* earmark-jobs: messages, work */
#define WAKEUP_REALTIME	02u		/* earmark-realtime: events */

/* Make ready, once a process. */
void	wakeup_init(const char *run_dir);
/* Nudge all of a set; without wakeup_init() nothing happens. */
void	wakeup_send(unsigned who);

#endif
