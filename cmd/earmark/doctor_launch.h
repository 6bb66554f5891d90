/*
 * doctor_launch: what must be configured before real users arrive. A value that
 * is right for trying the system can lose money, messages or data later.
 */
#ifndef CMD_EARMARK_DOCTOR_LAUNCH_H
#define CMD_EARMARK_DOCTOR_LAUNCH_H

#include "cmd/earmark/report.h"

/*
 * Checks the configuration for a launch. Each finding that is not good says
 * which key to change. Does not open the database.
 */
void	doctor_launch(struct checkup *);

#endif
