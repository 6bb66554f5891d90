/*
 * listener_search: searches listed listeners.
 *
 * If there are words, a search uses the full-text index. If only online
 * listeners match, it uses the presence index. Otherwise it uses the index of
 * the sort order. The order "recommended" lists available listeners, then busy
 * ones, then offline ones, each by score. It combines the presence index and
 * the score index.
 */
#ifndef DOMAIN_LISTENERS_LISTENER_SEARCH_H
#define DOMAIN_LISTENERS_LISTENER_SEARCH_H

#include "domain/listeners/listener.h"

enum listener_search_sort {
	LISTENER_SEARCH_RECOMMENDED, LISTENER_SEARCH_RATING,
	LISTENER_SEARCH_RATE, LISTENER_SEARCH_RECENT, LISTENER_SEARCH_POPULAR
};

/* The filters. NULL, -1 and the widest bounds do not filter. */
struct listener_search_query {
	bool none;			/* no listener can match */
	const char *languages;		/* JSON array of codes: any of them */
	const char *sex;
	const char *country;		/* upper case */
	const char *interest;		/* an item, as list_contains() */
	/* Words in username, bio, interests, or names of their languages. */
	const char *q;
	int online, available;		/* -1, 0, 1 */
	int64_t min_rating;		/* tenths of a star */
	int64_t max_rate;
	int64_t available_at;		/* the hours include it; INT64_MIN */
	enum listener_search_sort sort;
	int64_t viewer;			/* for is_favorited; 0: none */

	int64_t limit, offset;
	bool after;			/* starts after the row (key, id) */
	int64_t key, id;
};

struct listener_search_page {
	struct listener_item *items;
	size_t n;
	int64_t total;			/* number of all matching rows */
	bool more;			/* more rows follow */
	int64_t key, id;		/* of the last row, if n > 0 */
};

/* Initializes a query that matches all listed listeners. */
void	listener_search_query_init(struct listener_search_query *);
enum rc	listener_search(struct db *, struct arena *,
	    const struct listener_search_query *, int64_t now,
	    struct listener_search_page *);
/* Returns the codes of the languages of listed listeners, sorted. */
enum rc	listener_search_languages(struct db *, struct arena *,
	    struct strv *codes);

#endif
