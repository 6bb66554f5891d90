/*
 * report: the findings of a checkup of the installation.
 */
#ifndef CMD_EARMARK_REPORT_H
#define CMD_EARMARK_REPORT_H

#include "cmd/earmark/cli.h"

enum level { GOOD, WARN, BAD };

struct finding {
	const char *name;
	enum level level;
	const char *text;
	struct finding *next;
};

struct checkup {
	struct cli *cli;
	const struct conf *conf;
	struct finding *first, **last;	/* last: where to add the next one */
	bool bad;			/* a finding is BAD */
};

/*
 * Adds a finding. name: a literal or in the arena of cli. fmt: a printf format.
 */
void	report(struct checkup *, const char *name, enum level, const char *fmt,
	    ...) __attribute__((format(printf, 4, 5)));
/* Prints all findings, as lines or as a JSON object. */
void	report_print(const struct checkup *, bool json);

#endif
