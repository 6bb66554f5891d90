/*
 * faq: questions that are asked often, and our answers.
 *
 * All of them are one list, in the order of their positions; a category stands
 * where its first entry does. What is not published yet is a draft, which
 * administrators alone see. The list has one version, which moves with each
 * change.
 */
#ifndef DOMAIN_SUPPORT_FAQ_H
#define DOMAIN_SUPPORT_FAQ_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/common/audit.h"

#define FAQ_CATEGORY	50		/* characters, at most */
#define FAQ_QUESTION	300
#define FAQ_ANSWER	10000
#define FAQ_POSITION	1000000000	/* at most */

struct faq {
	int64_t id;
	const char *category, *question, *answer;
	int64_t position;
	bool published;
	int64_t created_at, updated_at;
};

/* What is given of one; NULL, FIELD_NONE and -1 are not. */
struct faq_edit {
	const char *category, *question, *answer;
	int64_t position;
	int published;
};

struct faq_query {
	const char *category, *q;	/* NULL: all; q is words */
	bool drafts;
	int64_t limit, offset;
	int64_t position, id;		/* behind this; INT64_MIN: all */
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
/* In the order of their first entries. */
enum rc	faq_categories(struct db *, struct arena *, bool drafts,
	    struct faq_categories *);
/* Along the positions; the categories are those of the same transaction. */
enum rc	faq_list(struct db *, struct arena *, const struct faq_query *,
	    const struct faq_categories *, struct faq_page *);

/*
 * By an administrator, audited. Without a position a new one goes behind all.
 * RC_NOT_FOUND "FAQ entry not found".
 */
enum rc	faq_add(struct db *, struct arena *, const struct faq_edit *,
	    const struct audit_by *, struct faq *, struct err *);
enum rc	faq_change(struct db *, struct arena *, int64_t id,
	    const struct faq_edit *, const struct audit_by *, struct faq *,
	    struct err *);
enum rc	faq_remove(struct db *, struct arena *, int64_t id,
	    const struct audit_by *, struct err *);

#endif
