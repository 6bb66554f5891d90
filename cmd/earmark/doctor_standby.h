/*
 * doctor_standby: checks a machine that has a standby and no database to serve.
 */
#ifndef CMD_EARMARK_DOCTOR_STANDBY_H
#define CMD_EARMARK_DOCTOR_STANDBY_H

#include "cmd/earmark/report.h"

/*
 * Reports whether the standby follows the archive, and how late it is. Changes
 * to the owner of the database first.
 */
void	doctor_standby(struct checkup *);

#endif
