#include "fcgi/routes/money/checkout_page.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/money.h"
#include "base/str.h"
#include "fcgi/core/html.h"

/*
 * Interval at which the page of a pending payment reloads, in s. It is longer
 * for old payments.
 */
#define REFRESH		2
#define REFRESH_OLD	20
#define YOUNG		(2 * MINUTE)

#define SIGN_DONE "<path d=\"M14 25l7 7 14-15\"/>"
#define SIGN_BAD "<path d=\"M16 16l16 16M32 16L16 32\"/>"
#define SIGN_BACK "<path d=\"M15 20h13a6 6 0 0 1 0 12h-8M15 20l6-6" \
	"M15 20l6 6\"/>"
#define SIGN_WAIT "<path class=\"hand\" d=\"M24 13v11l7 5\"/>"

/* Page elements for each payment_status_name(). */
static const struct page_state {
	const char *word, *class, *sign, *title, *text;
} states[] = {
	{ "pending", "wait", SIGN_WAIT, "Waiting for confirmation",
	    "The payment has not been confirmed yet. This page reloads "
	    "automatically." },
	{ "paid", "done", SIGN_DONE, "Payment received",
	    "It was added to the balance. You can close this page." },
	{ "failed", "bad", SIGN_BAD, "Payment failed",
	    "It was declined, and nothing was added to the balance. You can "
	    "start a new payment in the app." },
	{ "expired", "bad", SIGN_BAD, "Payment expired",
	    "It was not confirmed in time. If the payment provider confirms it "
	    "later, it is added to the balance." },
	{ "partially_refunded", "done", SIGN_DONE, "Payment received",
	    "A part of it was refunded." },
	{ "refunded", "back", SIGN_BACK, "Payment refunded",
	    "The full amount is refunded." },
	{ "disputed", "back", SIGN_BACK, "Payment disputed",
	    "The payment provider reversed it." },
};

static const struct page_state *
state_of(const struct payment *p)
{
	const char *word = payment_status_name(p->status, p->amount,
	    p->refunded, p->disputed);
	size_t i;

	for (i = 0; i < NELEM(states); i++)
		if (str_eq(states[i].word, word))
			return &states[i];
	BUG("a payment is %s", word);
}

static const char *
page_url(struct req *req, const char *page, const struct payment *p)
{
	char key[2 * sizeof(p->page_key) + 1];

	hash_hex(p->page_key, sizeof(p->page_key), key);
	return arena_fmt(&req->arena, "/pay/%s/%" PRId64 "?key=%s", page, p->id,
	    key);
}

const char *
checkout_page_return_url(struct req *req, const struct payment *p)
{
	return page_url(req, "return", p);
}

/* Returns amount and currency, such as "499.00 INR". */
static const char *
amount_of(struct req *req, const struct payment *p)
{
	char text[MONEY_TEXT];

	money_text(p->amount, p->currency, text);
	return arena_fmt(&req->arena, "%s %s", text, p->currency);
}

static void
write_amount(struct req *req, const struct payment *p)
{
	char text[MONEY_TEXT];

	money_text(p->amount, p->currency, text);
	buf_fmt(req->out, "<p class=\"amount%s\">%s <span class=\"unit\">",
	    strlen(text) > 10 ? " long" : "", text);
	html_text(req->out, p->currency);
	buf_lit(req->out, "</span></p>\n");
}

static void
write_details(struct req *req, const struct payment *p)
{
	char at[CLOCK_TEXT];

	clock_text(p->created_at, at);
	buf_fmt(req->out, "<dl class=\"facts\">\n<div><dt>Payment</dt><dd>%"
	    PRId64 "</dd></div>\n<div><dt>Started</dt><dd>"
	    "<time datetime=\"%s\">%.10s, %.5s UTC</time></dd></div>\n",
	    p->id, at, at, at + 11);
	if (p->refunded > 0) {
		char text[MONEY_TEXT];

		money_text(p->refunded, p->currency, text);
		buf_fmt(req->out, "<div><dt>Refunded</dt><dd>%s ", text);
		html_text(req->out, p->currency);
		buf_lit(req->out, "</dd></div>\n");
	}
	buf_lit(req->out, "</dl>\n");
}

/* Warns that a sandbox payment does not move money. */
static void
write_sandbox(struct req *req, const struct payment *p, const char *more)
{
	if (p->provider == PROVIDER_SANDBOX)
		buf_fmt(req->out, "<p class=\"note\"><strong>Sandbox</strong> "
		    "This is a test: no money is transferred%s.</p>\n", more);
}

static void
write_state(struct req *req, const struct payment *p,
    const struct page_state *f)
{
	buf_fmt(req->out, "<div class=\"state %s\"><svg class=\"sign\" "
	    "viewBox=\"0 0 48 48\" aria-hidden=\"true\">"
	    "<circle cx=\"24\" cy=\"24\" r=\"22\"/>%s</svg>\n"
	    "<h1>%s</h1>\n", f->class, f->sign, f->title);
	write_amount(req, p);
	buf_fmt(req->out, "<p>%s</p></div>\n", f->text);
}

void
checkout_page_return(struct req *req, const struct payment *p)
{
	const struct page_state *f = state_of(p);
	bool pending = p->status == PAYMENT_PENDING;
	int refresh = req->now - p->created_at < YOUNG ? REFRESH : REFRESH_OLD;

	html_begin(req, f->title, pending ? refresh : 0);
	write_sandbox(req, p, "");
	write_state(req, p, f);
	write_details(req, p);
	if (pending) {
		buf_lit(req->out, "<p><a class=\"button\" href=\"");
		html_text(req->out, checkout_page_return_url(req, p));
		buf_lit(req->out, "\">Reload</a></p>\n");
	}
	html_end(req);
}

static void
write_form(struct req *req, const struct payment *p)
{
	const char *amount = amount_of(req, p);
	struct buf *to = req->out;

	buf_lit(to, "<form method=\"post\" action=\"");
	html_text(to, page_url(req, "sandbox", p));
	buf_lit(to,
	    "\">\n<button class=\"btn-primary\" name=\"do\" value=\"pay\">"
	    "Pay ");
	html_text(to, amount);
	buf_lit(to, "</button>\n"
	    "<button name=\"do\" value=\"decline\">Decline</button>\n"
	    "<fieldset>\n<legend>Other outcomes</legend>\n"
	    "<button name=\"do\" value=\"twice\" aria-describedby=\"twice\">"
	    "Pay twice</button>\n"
	    "<p id=\"twice\">It is confirmed twice and credited once.</p>\n"
	    "<button name=\"do\" value=\"late\" aria-describedby=\"late\">"
	    "Pay late</button>\n"
	    "<p id=\"late\">It is confirmed after 30 seconds.</p>\n"
	    "</fieldset>\n</form>\n");
}

void
checkout_page_checkout(struct req *req, const struct payment *p)
{
	if (p->status != PAYMENT_PENDING) {
		checkout_page_return(req, p);
		return;
	}
	html_begin(req, arena_fmt(&req->arena, "Pay %s", amount_of(req, p)), 0);
	write_sandbox(req, p, ", whichever button you press");
	buf_lit(req->out,
	    "<div class=\"state\"><h1>Top up your balance</h1>\n");
	write_amount(req, p);
	buf_lit(req->out, "</div>\n");
	write_form(req, p);
	write_details(req, p);
	html_end(req);
}
