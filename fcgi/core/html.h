/*
 * html: pages for people who come by a link, not by an app. A row with
 * ROUTE_PAGE answers with one, its errors too.
 *
 * A page has no script and no style of its own, and takes nothing from another
 * place (HTML_HEADERS); its looks are nginx/html/pay.css. It is written into
 * req->out: tags by literals, everything else by html_text().
 */
#ifndef FCGI_CORE_HTML_H
#define FCGI_CORE_HTML_H

#include "fcgi/core/req.h"

#define HTML_HEADERS \
	"Content-Security-Policy: default-src 'none'; style-src 'self'; " \
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'\r\n" \
	"Referrer-Policy: no-referrer\r\n"

/* Text, escaped for the content of an element and for "" around an attribute. */
void	html_text(struct buf *, const char *);
/*
 * Up to the beginning of <main>. refresh: the browser asks again after so many
 * seconds; 0: it does not.
 */
void	html_begin(struct req *, const char *title, int refresh);
void	html_end(struct req *);
/* The whole page of a failure: its sentence, and what one can do. */
void	html_error(struct req *, int status, const char *message);

#endif
