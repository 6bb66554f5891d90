/*
 * doctor_services: checks the keys of outside services, and that they can be
 * reached.
 */
#ifndef CMD_EARMARK_DOCTOR_SERVICES_H
#define CMD_EARMARK_DOCTOR_SERVICES_H

#include "cmd/earmark/report.h"

/*
 * Connects to each configured service, for at most 5 s each: the mail server
 * (with EHLO, TLS and the sign-in), the SMS gateway, push and payments (with
 * TLS). Sends neither a message nor a request. provider_start() must have been
 * called.
 */
void	doctor_services(struct checkup *);

#endif
