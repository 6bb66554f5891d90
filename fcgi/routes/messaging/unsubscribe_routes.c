/*
 * unsubscribe_routes: the link in news by e-mail that ends them (RFC 8058). It
 * needs no sign-in: the token in the path authorizes. Mail programs send POST.
 * GET only shows a page with a button, because scanners of mail follow links.
 */
#include "domain/messaging/mail_address.h"
#include "domain/messaging/preference.h"
#include "fcgi/core/html.h"
#include "fcgi/core/routes.h"

static enum rc
find_user(struct req *req, int64_t *user)
{
	*user = mail_address_read_token(req->conf, req->path_arg[0]);
	return *user > 0 ? RC_OK : err_set(&req->err, RC_NOT_FOUND, NULL,
	    "The link is not valid");
}

static enum rc
show_button(struct req *req)
{
	int64_t user;
	enum rc rc = find_user(req, &user);

	if (rc != RC_OK)
		return rc;
	html_begin(req, "News by e-mail", 0);
	buf_lit(req->out, "<h1>News by e-mail</h1>"
	    "<p>Do you want to stop news by e-mail?</p>"
	    "<form method=\"post\"><button name=\"List-Unsubscribe\" "
	    "value=\"One-Click\">Unsubscribe</button></form>");
	html_end(req);
	return RC_OK;
}

static enum rc
unsubscribe(struct req *req)
{
	int64_t user;
	enum rc rc = find_user(req, &user);

	if (rc == RC_OK)
		rc = preference_disable(req->db, user, NOTICE_NEWS,
		    CHANNEL_EMAIL);
	/* The user was deleted. */
	if (rc == RC_NOT_FOUND)
		return err_set(&req->err, rc, NULL, "The link is not valid");
	if (rc != RC_OK)
		return rc;
	html_begin(req, "Unsubscribed", 0);
	buf_lit(req->out, "<h1>Unsubscribed</h1>"
	    "<p>You will not get news by e-mail any more. You can turn them "
	    "on again in the settings of the app.</p>");
	html_end(req);
	return RC_OK;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/notifications/unsubscribe/{token}",
	    .prefix = PREFIX_APP, .role = ROLE_OPEN, .tx = TX_READ,
	    .flags = ROUTE_PAGE | ROUTE_NO_STORE, .handler = show_button },
	{ .method = "POST", .path = "/notifications/unsubscribe/{token}",
	    .prefix = PREFIX_APP, .role = ROLE_OPEN, .tx = TX_WRITE,
	    .flags = ROUTE_PAGE | ROUTE_RAW | ROUTE_NO_STORE,
	    .handler = unsubscribe },
};
const struct route_table unsubscribe_routes = ROUTE_TABLE(routes);
