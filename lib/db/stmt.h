/*
 * stmt: the closed list of statements, made by tools/queries.awk from
 * sql/queries/ at build time, for lib/db and the tests that check the plans.
 */
#ifndef DB_STMT_H
#define DB_STMT_H

struct stmt_text {
	const char *name;	/* "favorite_add" */
	const char *file;	/* "favorite.sql" */
	const char *sql;
	const char *allow;	/* what its plan may hold: "scan", "sort", "" */
};

/* Indexed by enum stmt_id, STMT_MAX of them. */
extern const struct stmt_text stmt_texts[];

struct migration {
	int level;		/* 1, 2, ... without a gap */
	const char *name;	/* "0001-account" */
	const char *sql;
};

extern const struct migration migrations[];
extern const int migrations_n;

#endif
