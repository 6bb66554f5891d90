/*
 * search_index: rebuilds full-text indexes if the words of base/words.h
 * changed, while the old indexes are in use.
 *
 * The table search_index has a row for each index: the version of its words,
 * and how far the new index has been built. A step is a short write
 * transaction:
 *  1. It creates the table NAME_next, and triggers that maintain its rows.
 *  2. It adds the next rows to the new table, in the order of their ids.
 *  3. With the last rows, it drops the old table and renames the new one.
 * Statements use the name, so they find the old table until the last step and
 * the new one after it. A process that is killed loses only its last step.
 */
#ifndef DB_SEARCH_INDEX_H
#define DB_SEARCH_INDEX_H

#include "db/db.h"

/* Sets *outdated to whether a step is needed. In any transaction. */
enum rc	search_index_outdated(struct db *, bool *outdated);
/*
 * Does one step in the write transaction of the caller. Sets *more to whether
 * another one is needed.
 */
enum rc	search_index_step(struct db *, bool *more);

#endif
