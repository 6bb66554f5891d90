/*
 * spool_table: the large responses of all workers of a machine.
 *
 * A table in run_dir that the workers map. A response has a slot. The worker
 * locks a byte of run_dir/spool.lock for it, and the lock ends with the process:
 * so the slot of a dead worker is recognized and becomes free.
 *
 * The turn to produce goes to the slot that has waited longest. A slot that has
 * had it for SPOOL_TURN_MS goes to the end of the queue if others wait. The turn
 * itself is flock(2) of the same file.
 */
#ifndef FCGI_CORE_SPOOL_TABLE_H
#define FCGI_CORE_SPOOL_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"

#define SPOOL_SLOTS	256
#define SPOOL_TURN_MS	100

enum spool_claim {
	SPOOL_CLAIMED,
	SPOOL_FAULT,			/* the table cannot be opened; logged */
	SPOOL_NO_SLOT,			/* all slots are used */
	SPOOL_SAME_USER			/* the user has one already */
};

/* Takes a slot for a user at the end of the queue. User 0: not signed in. */
enum spool_claim spool_table_claim(const struct conf *, int64_t user,
	    int *slot);
/* Takes the turn, unless it has it. Returns false if it is not its turn. */
bool	spool_table_turn(int slot);
/* Gives the turn to others if it was long enough and others wait. */
void	spool_table_pass(int slot);
/* Leaves the queue: all is produced. It keeps the slot. */
void	spool_table_produced(int slot);
/* Counts bytes of a slot. Returns the sum of all slots. */
int64_t	spool_table_add(int slot, int64_t bytes);
/* Gives the slot back, in any state. */
void	spool_table_release(int slot);

#endif
