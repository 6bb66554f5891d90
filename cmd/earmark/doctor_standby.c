#include <inttypes.h>

#include "base/clock.h"
#include "cmd/earmark/doctor_standby.h"
#include "cmd/earmark/standby.h"

#define LATE	(60 * SECOND)	/* an idle primary is 25 seconds ahead */

void
doctor_standby(struct checkup *v)
{
	struct cli *cli = v->cli;
	struct standby s;
	int64_t complete_at, late;
	bool failing;
	const char *state;

	if (cli_become(cli) != EXIT_DONE) {
		report(v, "standby", BAD, "cannot change to its owner");
		return;
	}
	standby_init(&s, v->conf, NULL);
	if (standby_load(&s, &cli->arena, &cli->err) != RC_OK) {
		report(v, "standby", BAD, "%s", cli->err.message);
		return;
	}
	complete_at = s.complete_at;
	failing = standby_failing(v->conf, &complete_at);
	state = standby_state(&s, failing);
	if (complete_at == 0) {
		report(v, "standby", WARN, "%s, epoch %" PRId64
		    ", it is not known how late", state,
		    (int64_t)s.replay.epoch);
		return;
	}
	late = cli->now - complete_at;
	report(v, "standby", failing || standby_process(v->conf) == 0 ? BAD :
	    late > LATE ? WARN : GOOD, "%s, epoch %" PRId64 ", has all "
	    "transactions until %" PRId64 " seconds ago", state,
	    (int64_t)s.replay.epoch, late < 0 ? 0 : late / SECOND);
}
