#include "fcgi/core/html.h"

#include "base/str.h"

void
html_text(struct buf *to, const char *text)
{
	size_t n;

	for (;;) {
		n = strcspn(text, "&<>\"'");
		buf_add(to, text, n);
		text += n;
		switch (*text++) {
		case '&':
			buf_lit(to, "&amp;");
			break;
		case '<':
			buf_lit(to, "&lt;");
			break;
		case '>':
			buf_lit(to, "&gt;");
			break;
		case '"':
			buf_lit(to, "&quot;");
			break;
		case '\'':
			buf_lit(to, "&#39;");
			break;
		default:
			return;
		}
	}
}

void
html_begin(struct req *req, const char *title, int refresh)
{
	struct buf *to = req->out;

	req->content_type_out = "text/html; charset=utf-8";
	buf_lit(to, "<!doctype html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n<title>");
	html_text(to, title);
	buf_lit(to, " · Earmark</title>\n"
	    "<meta name=\"viewport\" content=\"width=device-width, "
	    "initial-scale=1\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<meta name=\"robots\" content=\"noindex\">\n");
	if (refresh > 0)
		buf_fmt(to, "<meta http-equiv=\"refresh\" content=\"%d\">\n",
		    refresh);
	buf_lit(to, "<link rel=\"stylesheet\" href=\"/lib/colors.css\">\n"
	    "<link rel=\"stylesheet\" href=\"/static/pay.css\">\n"
	    "</head>\n<body>\n"
	    "<header class=\"brand\"><span class=\"mark\" aria-hidden=\"true\">"
	    "</span>Earmark</header>\n<main class=\"card\">\n");
}

void
html_end(struct req *req)
{
	buf_lit(req->out, "</main>\n</body>\n</html>\n");
}

void
html_error(struct req *req, int status, const char *message)
{
	const char *advice = status >= 500 || status == 429 ?
	    "Wait a moment and try again." : status == 404 ?
	    "Check that the link is complete, or open it again from the app." :
	    "Go back and try again.";
	struct buf *to = req->out;

	html_begin(req, message, 0);
	buf_lit(to, "<div class=\"state bad\"><svg class=\"sign\" "
	    "viewBox=\"0 0 48 48\" aria-hidden=\"true\">"
	    "<circle cx=\"24\" cy=\"24\" r=\"22\"/>"
	    "<path d=\"M24 13v14M24 34v1\"/></svg>\n<h1>");
	html_text(to, message);
	buf_fmt(to,
	    "</h1>\n<p>%s</p></div>\n<p class=\"fine\">Request %s</p>\n",
	    advice, req->id);
	html_end(req);
}
