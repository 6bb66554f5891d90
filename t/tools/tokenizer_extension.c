/*
 * tokenizer_extension: the tokenizer as an extension for the sqlite3 shell and
 * Python. Statements that change an indexed text need it.
 */
#include "db/tokenizer.h"

int	sqlite3_extension_init(sqlite3 *, char **, const void *);

int
sqlite3_extension_init(sqlite3 *sql, char **message, const void *api)
{
	(void)message;
	(void)api;
	return tokenizer_register(sql);
}
