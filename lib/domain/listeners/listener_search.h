/*
 * listener_search: searches among the listeners that others may see.
 *
 * A search goes one of three ways: through the full text where words were
 * typed, through those who are here where only such are wanted, else along the
 * index of the order asked for. "Recommended" shows who can be called now,
 * then who is on a call, then the rest, each by score; it joins two ways.
 */
#ifndef DOMAIN_LISTENERS_LISTENER_SEARCH_H
#define DOMAIN_LISTENERS_LISTENER_SEARCH_H

#include "domain/listeners/listener.h"

enum listener_search_sort {
	LISTENER_SEARCH_RECOMMENDED, LISTENER_SEARCH_RATING,
	LISTENER_SEARCH_RATE, LISTENER_SEARCH_RECENT, LISTENER_SEARCH_POPULAR
};

/* What is wanted. NULL, -1 and the widest bounds do not filter. */
struct listener_search_query {
	bool none;			/* nothing can match */
	const char *language;		/* a code */
	const char *sex;
	const char *country;		/* upper case */
	const char *interest;		/* a whole one, any case */
	const char *q;			/* words: username, bio, interests */
	int online, available;		/* -1, 0, 1 */
	int64_t min_rating;		/* tenths */
	int64_t max_rate;
	enum listener_search_sort sort;
	int64_t viewer;			/* whose favorites; 0: nobody's */

	int64_t limit, offset;
	bool after;			/* behind the row (key, id) */
	int64_t key, id;
};

struct listener_search_page {
	struct listener_item *items;
	size_t n;
	int64_t total;			/* of the whole search */
	bool more;			/* there are rows behind these */
	int64_t key, id;		/* of the last row, where n > 0 */
};

/* Prepare a query that finds everybody. */
void	listener_search_query_init(struct listener_search_query *);
enum rc	listener_search(struct db *, struct arena *,
	    const struct listener_search_query *, int64_t now,
	    struct listener_search_page *);

#endif
