/*
 * ticket_json: writes support tickets and replies as their customer or the
 * staff sees them.
 */
#ifndef FCGI_ROUTES_SUPPORT_TICKET_JSON_H
#define FCGI_ROUTES_SUPPORT_TICKET_JSON_H

#include "domain/support/ticket.h"
#include "fcgi/core/paging.h"

/* Write the members into the open object. */
void	ticket_json_members(struct json_write *, const struct ticket *,
	    bool staff);
void	ticket_json_reply_members(struct json_write *,
	    const struct ticket_reply *);
/* Renders a ticket with a page of its replies. */
enum rc	ticket_json_detail(struct req *, enum paging_tag, const struct ticket *,
	    bool staff);
/*
 * Renders a list of tickets. order: number of the sort order, for the cursors.
 */
enum rc	ticket_json_render_list(struct req *, enum paging_tag,
	    const struct pages *, int64_t order, struct ticket_query *,
	    bool staff);
/*
 * Parses the ticket id in the path. Returns RC_NOT_FOUND if no ticket can have
 * it.
 */
enum rc	ticket_json_path_id(struct req *, int64_t *id);
/* Renders an added reply with the new state of its ticket. */
enum rc	ticket_json_reply_added(struct req *, const struct ticket *,
	    const struct ticket_reply *, bool staff);

#endif
