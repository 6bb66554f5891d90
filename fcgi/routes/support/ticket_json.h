/*
 * ticket_json: tickets and their replies in answers, as their customer sees
 * them or as the staff does.
 */
#ifndef FCGI_ROUTES_SUPPORT_TICKET_JSON_H
#define FCGI_ROUTES_SUPPORT_TICKET_JSON_H

#include "domain/support/ticket.h"
#include "fcgi/core/paging.h"

/* Into the open object. */
void	ticket_json_members(struct json_write *, const struct ticket *,
	    bool staff);
void	ticket_json_reply_members(struct json_write *,
	    const struct ticket_reply *);
/* One ticket with a page of its replies. */
enum rc	ticket_json_detail(struct req *, enum paging_tag, const struct ticket *,
	    bool staff);
/* A list of tickets, with the cursor of this list and order. */
enum rc	ticket_json_render_list(struct req *, enum paging_tag,
	    const struct pages *, int64_t order, struct ticket_query *,
	    bool staff);
/* The path's ticket; RC_NOT_FOUND "Ticket not found". */
enum rc	ticket_json_path_id(struct req *, int64_t *id);
/* The reply that was added, with what it did to its ticket. */
enum rc	ticket_json_reply_added(struct req *, const struct ticket *,
	    const struct ticket_reply *, bool staff);

#endif
