/*
 * list_function: the SQL function of lists of short texts, one per line
 * (domain/common/text_list.h).
 *
 *	list_contains(list, text)
 *
 * Returns 1 if an item has the same words as the text (base/words.h), so case
 * and accents do not matter, else 0. A text without words must be equal. Returns
 * null if an argument is null.
 */
#ifndef DB_LIST_FUNCTION_H
#define DB_LIST_FUNCTION_H

#include <sqlite3.h>

/* Registers the function with a connection. Returns a result code of SQLite. */
int	list_function_register(sqlite3 *);

#endif
