/*
 * standby_proof: verifies the database of a standby within a limited time.
 */
#ifndef CMD_EARMARK_STANDBY_PROOF_H
#define CMD_EARMARK_STANDBY_PROOF_H

#include <stdint.h>

#include "base/err.h"

/* What was verified, in this order. */
enum standby_proof { STANDBY_PROOF_NONE, STANDBY_PROOF_LEDGER,
	    STANDBY_PROOF_AUDIT, STANDBY_PROOF_ALL };

/*
 * Verifies the ledger, the audit log and then the whole file, in a process of
 * its own that ends after ms milliseconds. Sets *done to what was complete by
 * then. Returns RC_FAULT if a check failed. No process may have the database
 * open.
 */
enum rc	standby_proof_run(const char *file, int64_t ms,
	    enum standby_proof *done, struct err *);

#endif
