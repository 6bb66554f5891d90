/*
 * export: reads all data of a user in pages.
 *
 * A page has at most EXPORT_PAGE rows and about `bytes` of text. It begins
 * after the last row of the previous page. The export is complete if `more` is
 * false. So an export of any size needs the memory of one page. The lists of
 * payments, sessions and wallet entries are in their own modules.
 */
#ifndef DOMAIN_OPS_EXPORT_H
#define DOMAIN_OPS_EXPORT_H

#include "domain/catalog/creative.h"
#include "domain/catalog/document.h"
#include "domain/catalog/flyer.h"
#include "domain/catalog/style.h"
#include "domain/common/favoritable.h"
#include "domain/favorites/favorite.h"
#include "domain/listeners/user_block.h"
#include "domain/money/promotion.h"
#include "domain/support/feedback.h"
#include "domain/support/report.h"
#include "domain/support/ticket.h"

#define EXPORT_PAGE	100

struct export_favorite {
	enum favorite_kind kind;
	int64_t entity_id, created_at;
	struct uuid entity;
	bool notify;
	const char *note;
};
struct export_device {
	int64_t id, created_at, used_at, revoked_at;
	const char *user_agent;
};
struct export_redemption {
	const char *code;
	enum promotion_kind kind;
	int64_t value, at;
};
struct export_reply {
	int64_t ticket;
	struct ticket_reply reply;
};
struct export_page {
	int64_t kind, after;		/* in and out: position; begin with 0 */
	bool shared;			/* in: published or public items */
	size_t bytes;			/* in: limit of its texts, for
					 * stmt_budget() */
	const struct conf *conf;	/* in: for the URLs of images */
	bool more;			/* more rows may follow */
	size_t n;
	union {
		struct export_favorite favorites[EXPORT_PAGE];
		struct export_device devices[EXPORT_PAGE];
		struct export_redemption redemptions[EXPORT_PAGE];
		struct ticket tickets[EXPORT_PAGE];
		struct export_reply replies[EXPORT_PAGE];
		struct feedback feedback[EXPORT_PAGE];
		struct flyer flyers[EXPORT_PAGE];
		struct style styles[EXPORT_PAGE];
		struct creative creatives[EXPORT_PAGE];
		struct document documents[EXPORT_PAGE];
		struct user_block blocks[EXPORT_PAGE];	/* without images */
		struct report reports[EXPORT_PAGE];	/* what the user sent */
	};
};

/* Read the next page. Texts are in the arena. */
enum rc	export_favorites(struct db *, struct arena *, int64_t user,
	    struct export_page *);
enum rc	export_devices(struct db *, struct arena *, int64_t user,
	    struct export_page *);
enum rc	export_redemptions(struct db *, struct arena *, int64_t user,
	    struct export_page *);
enum rc	export_tickets(struct db *, struct arena *, int64_t user,
	    struct export_page *);
/* Reads the replies of the user's tickets, without internal notes. */
enum rc	export_replies(struct db *, struct arena *, int64_t user,
	    struct export_page *);
enum rc	export_feedback(struct db *, struct arena *, int64_t user,
	    struct export_page *);
enum rc	export_flyers(struct db *, struct arena *, int64_t user,
	    struct export_page *);
enum rc	export_styles(struct db *, struct arena *, int64_t user,
	    struct export_page *);
enum rc	export_creatives(struct db *, struct arena *, int64_t user,
	    struct export_page *);
enum rc	export_documents(struct db *, struct arena *, int64_t user,
	    struct export_page *);
enum rc	export_blocks(struct db *, struct arena *, int64_t user,
	    struct export_page *);
/* Reads the reports that the user sent, without the decisions. */
enum rc	export_reports(struct db *, struct arena *, int64_t user,
	    struct export_page *);

#endif
