/*
 * plans: prepares all named statements on a new schema and checks their plans,
 * including triggers and foreign keys.
 *
 *	plans		checks the closed list
 *	plans SQL...	checks these statements without allowances, and calls them
 *			1, 2, ... (to test plans)
 *
 * Prints a line for each of these problems. The exit status is then 1.
 *  - a scan of a table or a whole index (SCAN), unless "-- allow: scan"
 *  - sorting, or another temporary b-tree, unless "-- allow: sort"
 *  - an automatic index, which means that an index is missing
 *  - a parameter without a name
 * An allowance that the plan does not need is also a problem.
 */
#include <sqlite3.h>

#include "base/str.h"
#include "db/hours_function.h"
#include "db/list_function.h"
#include "db/names.h"
#include "db/stmt.h"

#define MADE_MAX 32

struct plan {
	const struct stmt_text *text;
	char *made[MADE_MAX];		/* tables that the statement creates */
	int nmade;
	bool scans, sorts;
	int wrong;
};

static void
complain(struct plan *p, const char *what, const char *detail)
{
	printf("%s: %s: %s: %s\n", p->text->file, p->text->name, what, detail);
	p->wrong++;
}

static bool
begins(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

static void
remember(struct plan *p, const char *name)
{
	if (p->nmade < MADE_MAX)
		p->made[p->nmade++] = strdup(name);
}

/*
 * Returns whether the statement creates the table, or the table that it is an
 * alias of ("x AS y").
 */
static bool
is_made(const struct plan *p, const char *name)
{
	int i, n = (int)strcspn(name, " ");
	char alias[300];

	if (*name == '(')
		return true;		/* (subquery-3) */
	for (i = 0; i < p->nmade; i++) {
		if ((int)strlen(p->made[i]) == n && strncmp(p->made[i], name,
		    (size_t)n) == 0)
			return true;
		snprintf(alias, sizeof(alias), "%s AS %.*s ", p->made[i], n,
		    name);
		if (strstr(p->text->sql, alias) != NULL)
			return true;
	}
	return false;
}

/*
 * Returns whether a virtual table gets a constraint. "INDEX 1:" means a given
 * row or argument (rtree, json_each). For fts5 and rtree, the text after the
 * colon is the constraint.
 */
static bool
constrained(const char *index)
{
	const char *colon = strchr(index, ':');

	return colon != NULL && (colon[1] != '\0' ||
	    ((colon[-1] - '0') & 1) == 1);
}

static void
look(struct plan *p, const char *detail)
{
	static const char index[] = " VIRTUAL TABLE INDEX ";
	const char *at;

	if (detail == NULL)
		return;			/* start of a trigger */
	if (begins(detail, "CO-ROUTINE ")) {
		remember(p, detail + 11);
	} else if (begins(detail, "MATERIALIZE ")) {
		remember(p, detail + 12);
	} else if (begins(detail, "SCAN ")) {
		at = strstr(detail, index);
		if (at != NULL ? constrained(at + strlen(index)) :
		    strstr(detail, "CONSTANT ROW") != NULL ||
		    strstr(detail, "-ROW VALUES CLAUSE") != NULL ||
		    is_made(p, detail + 5))
			return;
		p->scans = true;
		if (strstr(p->text->allow, "scan") == NULL)
			complain(p, "a scan", detail);
	} else if (strstr(detail, "TEMP B-TREE") != NULL) {
		p->sorts = true;
		if (strstr(p->text->allow, "sort") == NULL)
			complain(p, "a sort", detail);
	}
	if (strstr(detail, "AUTOMATIC") != NULL)
		complain(p, "an index is missing", detail);
}

/* Checks that all parameters have names. */
static void
look_names(struct plan *p, sqlite3_stmt *s)
{
	const char *name;
	int i;

	for (i = 1; i <= sqlite3_bind_parameter_count(s); i++) {
		name = sqlite3_bind_parameter_name(s, i);
		if (name == NULL || name[0] != ':')
			complain(p, "a parameter without a name", p->text->sql);
	}
}

static int
explain(sqlite3 *db, const struct stmt_text *text)
{
	struct plan p = { .text = text };
	const char *tail = "";
	sqlite3_stmt *s;
	char *sql = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", text->sql);

	if (sqlite3_prepare_v2(db, sql, -1, &s, &tail) != SQLITE_OK) {
		complain(&p, "not SQL of this schema", sqlite3_errmsg(db));
		sqlite3_free(sql);
		return p.wrong;
	}
	if (*tail != '\0')
		complain(&p, "more than one statement", tail);
	look_names(&p, s);
	while (sqlite3_step(s) == SQLITE_ROW)
		look(&p, (const char *)sqlite3_column_text(s, 3));
	sqlite3_finalize(s);
	sqlite3_free(sql);
	if (!p.scans && strstr(text->allow, "scan") != NULL)
		complain(&p, "allows what it does not do", "scan");
	if (!p.sorts && strstr(text->allow, "sort") != NULL)
		complain(&p, "allows what it does not do", "sort");
	while (p.nmade > 0)
		free(p.made[--p.nmade]);
	return p.wrong;
}

static void
must(sqlite3 *db, const char *sql, const char *what)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return;
	printf("%s: %s\n", what, sqlite3_errmsg(db));
	exit(1);
}

int
main(int argc, char **argv)
{
	char number[16];
	struct stmt_text one = { number, "argument", NULL, "" };
	int i, wrong = 0;
	sqlite3 *db;

	if (sqlite3_open(":memory:", &db) != SQLITE_OK)
		return 1;
	sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRIGGER_EQP, 1, NULL);
	if (hours_function_register(db) != SQLITE_OK ||
	    list_function_register(db) != SQLITE_OK)
		return 1;
	must(db, "PRAGMA foreign_keys = ON", "pragma");
	for (i = 0; i < migrations_n; i++)
		must(db, migrations[i].sql, migrations[i].name);
	for (i = 1; i < argc; i++) {
		snprintf(number, sizeof(number), "%d", i);
		one.sql = argv[i];
		wrong += explain(db, &one);
	}
	if (argc == 1) {
		for (i = 0; i < STMT_MAX; i++)
			wrong += explain(db, &stmt_texts[i]);
		printf("%d statements, %d wrong\n", (int)STMT_MAX, wrong);
	}
	sqlite3_close(db);
	return wrong != 0;
}
