/*
 * stmt: the list of statements that tools/queries.awk generates from
 * sql/queries/ during the build. It is for lib/db and the tests that check
 * query plans.
 */
#ifndef DB_STMT_H
#define DB_STMT_H

#include <stddef.h>

struct stmt_text {
	const char *name;	/* "favorite_add" */
	const char *file;	/* "favorite.sql" */
	const char *sql;
	const char *allow;	/* allowed steps of the query plan: "scan",
				 * "sort", "" */
};

/* Indexed by enum stmt_id. It has STMT_MAX elements. */
extern const struct stmt_text stmt_texts[];

struct migration {
	int level;		/* 1, 2, ... without gaps */
	const char *name;	/* "0001-account" */
	const char *released;	/* hash in databases of earlier programs, or
				 * NULL */
	const char *sql;
};

extern const struct migration migrations[];
extern const int migrations_n;

/* A full-text index that can be rebuilt; see search_index.c. */
struct search_text {
	const char *name;	/* "flyer_text", the file in sql/search */
	const char *create, *batch, *fill;
};

extern const struct search_text search_texts[];
extern const int search_texts_n;

#endif
