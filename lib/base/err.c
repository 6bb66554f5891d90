#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

static const struct {
	const char *code, *message;
} texts[RC_MAX] = {
	[RC_OK] = { "ok", "OK" },
	[RC_CREATED] = { "created", "Created" },
	[RC_ACCEPTED] = { "accepted", "Accepted" },
	[RC_NO_CONTENT] = { "no_content", "No content" },
	[RC_KNOWN] = { "ok", "OK" },
	[RC_NOT_MODIFIED] = { "not_modified", "Not modified" },
	[RC_BAD] = { "bad_request", "The request is malformed" },
	[RC_INVALID] = { "validation_failed", "Some fields are not valid" },
	[RC_AUTH] = { "token_invalid", "Invalid or expired token" },
	[RC_PAYMENT] = { "insufficient_balance", "The balance is too low" },
	[RC_FORBIDDEN] = { "forbidden", "Access denied" },
	[RC_NOT_FOUND] = { "not_found", "Not found" },
	[RC_METHOD] = { "method_not_allowed",
	    "This path does not support this method" },
	[RC_CONFLICT] = { "conflict",
	    "This conflicts with the current state" },
	[RC_TOO_LARGE] = { "payload_too_large", "The body is too large" },
	[RC_MEDIA] = { "unsupported_media_type",
	    "The body must be application/json" },
	[RC_UNPROCESSABLE] = { "unprocessable",
	    "This operation is not possible" },
	[RC_LIMITED] = { "rate_limited", "Too many requests, try again later" },
	[RC_FAULT] = { "internal", "Internal error, try again later" },
	[RC_UNAVAILABLE] = { "not_configured",
	    "Not configured on this server" },
	[RC_UPSTREAM] = { "provider_unavailable",
	    "The provider is not available, try again later" },
	[RC_BUSY] = { "busy", "The service is busy, try again" },
	[RC_FULL] = { "storage_full", "The storage is full, try again later" },
	[RC_PENDING] = { "pending", "The service is waiting for a provider, try "
	    "again" },
	[RC_SEE_OTHER] = { "see_other", "See other" },
};

const char *
rc_code(enum rc rc)
{
	return texts[rc].code;
}

const char *
rc_message(enum rc rc)
{
	return texts[rc].message;
}

enum rc
rc_errno(int error, enum rc other)
{
	return error == ENOSPC || error == EDQUOT ? RC_FULL : other;
}

void
err_init(struct err *err, struct arena *arena)
{
	*err = (struct err){ .arena = arena, .attempts_left = -1,
		.wait_time = -1, .limit = -1, .used = -1,
		.needed = -1, .available = -1, .rate = -1 };
	err->tail = &err->fields;
}

enum rc
err_set(struct err *err, enum rc rc, const char *code, const char *fmt, ...)
{
	va_list ap;

	err->rc = rc;
	err->code = code;
	err->message = NULL;
	if (fmt != NULL) {
		va_start(ap, fmt);
		err->message = arena_vfmt(err->arena, fmt, ap);
		va_end(ap);
	}
	return rc;
}

enum rc
err_errno(struct err *err, enum rc other, const char *code, const char *what)
{
	int error = errno;

	return err_set(err, rc_errno(error, other), code, "%s: %s", what,
	    strerror(error));
}

enum rc
err_field(struct err *err, const char *name, const char *why)
{
	struct err_field *f = arena_new(err->arena, struct err_field);

	f->name = name;
	f->why = why;
	*err->tail = f;
	err->tail = &f->next;
	err->rc = RC_INVALID;
	err->code = NULL;
	err->message = NULL;
	return RC_INVALID;
}

void
err_spelling(struct err *err, const char *name, const char *sent)
{
	struct err_field *f = arena_new(err->arena, struct err_field);

	*f = (struct err_field){ name, arena_str(err->arena, sent),
	    err->spellings };
	err->spellings = f;
}

const char *
err_spelled(const struct err *err, const char *name)
{
	const struct err_field *f;

	for (f = err->spellings; f != NULL; f = f->next)
		if (str_eq(f->name, name))
			return f->why;
	return name;
}

void
bug_(const char *file, int line, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	int n;

	n = snprintf(text, sizeof(text), "BUG at %s:%d: ", file, line);
	va_start(ap, fmt);
	vsnprintf(text + n, sizeof(text) - (size_t)n, fmt, ap);
	va_end(ap);
	dprintf(STDERR_FILENO, "%s\n", text);
	abort();
}
