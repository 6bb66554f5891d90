/*
 * commands: the functions behind earmark's table, by the file they are in.
 */
#ifndef CMD_EARMARK_COMMANDS_H
#define CMD_EARMARK_COMMANDS_H

#include "cmd/earmark/cli.h"

/* backup.c */
int	backup(struct cli *, int argc, char **argv);
/* audit.c */
int	audit_proof(struct cli *, int argc, char **argv);
/* config_command.c */
int	config_check(struct cli *, int argc, char **argv);
int	config_show(struct cli *, int argc, char **argv);
int	config_get(struct cli *, int argc, char **argv);
/* doctor_command.c */
int	doctor(struct cli *, int argc, char **argv);
/* restore_test.c */
int	drill(struct cli *, int argc, char **argv);
/* import.c */
int	import(struct cli *, int argc, char **argv);
/* ledger.c */
int	ledger_adjust(struct cli *, int argc, char **argv);
int	ledger_payout(struct cli *, int argc, char **argv);
int	ledger_proof(struct cli *, int argc, char **argv);
int	ledger_show(struct cli *, int argc, char **argv);
/* migrate.c */
int	migrate(struct cli *, int argc, char **argv);
/* pay_refund.c */
int	pay_refund(struct cli *, int argc, char **argv);
/* pay_simulate.c */
int	pay_simulate(struct cli *, int argc, char **argv);
/* pools_command.c */
int	pools(struct cli *, int argc, char **argv);
int	pools_restart(struct cli *, int argc, char **argv);
/* restore_command.c */
int	restore(struct cli *, int argc, char **argv);
/* status.c */
int	status(struct cli *, int argc, char **argv);
/* service_token_command.c */
int	service_add(struct cli *, int argc, char **argv);
int	service_list(struct cli *, int argc, char **argv);
int	service_revoke(struct cli *, int argc, char **argv);
/* user.c */
int	user_add(struct cli *, int argc, char **argv);
int	user_ban(struct cli *, int argc, char **argv);
int	user_grant(struct cli *, int argc, char **argv);
int	user_revoke(struct cli *, int argc, char **argv);
int	user_unban(struct cli *, int argc, char **argv);
/* user_list.c */
int	user_list(struct cli *, int argc, char **argv);

#endif
