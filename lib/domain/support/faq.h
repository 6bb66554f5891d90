/*
 * faq: frequently asked questions and their answers.
 *
 * Entries are one list, in the order of their positions. Categories are in the
 * order of their first entries. Only administrators see drafts, which are not
 * yet published. The list has one version, which every change increments.
 */
#ifndef DOMAIN_SUPPORT_FAQ_H
#define DOMAIN_SUPPORT_FAQ_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/common/audit.h"

#define FAQ_CATEGORY	50		/* maximum characters */
#define FAQ_QUESTION	300
#define FAQ_ANSWER	10000
#define FAQ_POSITION	1000000000	/* maximum */

struct faq {
	int64_t id;
	const char *category, *question, *answer;
	int64_t position;
	bool published;
	int64_t created_at, updated_at;
};

/* The members to set. NULL, FIELD_NONE and -1 are not set. */
struct faq_edit {
	const char *category, *question, *answer;
	int64_t position;
	int published;
};

struct faq_query {
	const char *category, *q;	/* NULL: all; q has words */
	bool drafts;
	int64_t limit, offset;
	int64_t position, id;	/* starts after this entry; INT64_MIN: all */
};
struct faq_page {
	struct faq *v;
	size_t n;
	int64_t total;
	bool more;
};

struct faq_category {
	const char *name;
	int64_t n;
};
struct faq_categories {
	struct faq_category *v;
	size_t n;
};

enum rc	faq_version(struct db *, int64_t *);
/* Lists the categories, in the order of their first entries. */
enum rc	faq_categories(struct db *, struct arena *, bool drafts,
	    struct faq_categories *);
/*
 * Lists entries, in the order of their positions. The categories must be read
 * in the same transaction.
 */
enum rc	faq_list(struct db *, struct arena *, const struct faq_query *,
	    const struct faq_categories *, struct faq_page *);

/*
 * Add, change or delete an entry, and audit it. A new entry without a position
 * is the last one. They return RC_NOT_FOUND "FAQ entry not found".
 */
enum rc	faq_add(struct db *, struct arena *, const struct faq_edit *,
	    const struct audit_by *, struct faq *, struct err *);
enum rc	faq_change(struct db *, struct arena *, int64_t id,
	    const struct faq_edit *, const struct audit_by *, struct faq *,
	    struct err *);
enum rc	faq_remove(struct db *, struct arena *, int64_t id,
	    const struct audit_by *, struct err *);

#endif
