/*
 * html: renders HTML pages for users who follow a link, such as a payment page.
 * Routes with the flag ROUTE_PAGE return HTML, also for errors.
 *
 * A page has no inline script or style and loads nothing from other origins
 * (see HTML_HEADERS). Its style sheets are nginx/html/lib/colors.css and
 * nginx/html/pay.css. A handler writes the page into req->out: tags as
 * literals, all other text with html_text().
 */
#ifndef FCGI_CORE_HTML_H
#define FCGI_CORE_HTML_H

#include "fcgi/core/req.h"

#define HTML_HEADERS \
	"Content-Security-Policy: default-src 'none'; style-src 'self'; " \
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'\r\n" \
	"Referrer-Policy: no-referrer\r\n"

/*
 * Appends text, escaped for element content and for attributes in double
 * quotes.
 */
void	html_text(struct buf *, const char *);
/*
 * Writes the page up to the start tag <main>. If refresh > 0, the browser
 * reloads the page after that number of seconds.
 */
void	html_begin(struct req *, const char *title, int refresh);
void	html_end(struct req *);
/* Writes a complete error page: the message and what the user can do. */
void	html_error(struct req *, int status, const char *message);

#endif
