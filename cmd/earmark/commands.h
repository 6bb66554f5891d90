/*
 * commands: the functions of all commands, by file.
 */
#ifndef CMD_EARMARK_COMMANDS_H
#define CMD_EARMARK_COMMANDS_H

#include "base/buf.h"
#include "cmd/earmark/cli.h"

/* approvals_command.c */
int	command_approvals_approve(struct cli *, int argc, char **argv);
int	command_approvals_list(struct cli *, int argc, char **argv);
int	command_approvals_reject(struct cli *, int argc, char **argv);
/* backup_command.c */
int	command_backup(struct cli *, int argc, char **argv);
/* audit_command.c */
int	command_audit_proof(struct cli *, int argc, char **argv);
/* bounce_command.c */
int	command_bounce(struct cli *, int argc, char **argv);
int	command_bounce_allow(struct cli *, int argc, char **argv);
/* config_command.c */
int	command_config_check(struct cli *, int argc, char **argv);
int	command_config_show(struct cli *, int argc, char **argv);
int	command_config_get(struct cli *, int argc, char **argv);
int	command_config_origins(struct cli *, int argc, char **argv);
/*
 * Appends the origins of server.cors_origins as entries of a map of nginx, at
 * most CONFIG_ORIGINS_MAX bytes (earmark-limits.conf).
 */
#define CONFIG_ORIGINS_MAX 65536
void	command_origins(const struct conf *, struct buf *);
/* doctor_command.c */
int	command_doctor(struct cli *, int argc, char **argv);
/* restore_test.c */
int	command_drill(struct cli *, int argc, char **argv);
/* import_command.c */
int	command_import(struct cli *, int argc, char **argv);
/* ledger_command.c */
int	command_ledger_adjust(struct cli *, int argc, char **argv);
int	command_ledger_payout(struct cli *, int argc, char **argv);
int	command_ledger_proof(struct cli *, int argc, char **argv);
int	command_ledger_show(struct cli *, int argc, char **argv);
/* migrate_command.c */
int	command_migrate(struct cli *, int argc, char **argv);
/* pay_refund.c */
int	command_pay_refund(struct cli *, int argc, char **argv);
/* pay_simulate.c */
int	command_pay_simulate(struct cli *, int argc, char **argv);
/* pools_command.c */
int	command_pools(struct cli *, int argc, char **argv);
int	command_pools_restart(struct cli *, int argc, char **argv);
/* promote_command.c */
int	command_promote(struct cli *, int argc, char **argv);
/* restore_command.c */
int	command_restore(struct cli *, int argc, char **argv);
/* status_command.c */
int	command_status(struct cli *, int argc, char **argv);
/* service_token_command.c */
int	command_service_add(struct cli *, int argc, char **argv);
int	command_service_list(struct cli *, int argc, char **argv);
int	command_service_revoke(struct cli *, int argc, char **argv);
/* user_command.c */
int	command_user_add(struct cli *, int argc, char **argv);
int	command_user_ban(struct cli *, int argc, char **argv);
int	command_user_grant(struct cli *, int argc, char **argv);
int	command_user_link(struct cli *, int argc, char **argv);
int	command_user_revoke(struct cli *, int argc, char **argv);
int	command_user_reset_mfa(struct cli *, int argc, char **argv);
int	command_user_unban(struct cli *, int argc, char **argv);
/* user_account.c */
int	command_user_erase(struct cli *, int argc, char **argv);
int	command_user_export(struct cli *, int argc, char **argv);
int	command_user_set_email(struct cli *, int argc, char **argv);
int	command_user_set_phone(struct cli *, int argc, char **argv);
/* user_forget.c */
int	command_user_forget(struct cli *, int argc, char **argv);
/* user_list.c */
int	command_user_list(struct cli *, int argc, char **argv);

#endif
