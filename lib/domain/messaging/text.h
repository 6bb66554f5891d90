/*
 * text: the texts of messages in the language of the recipient.
 *
 * text_types lists all templates with their variables (base/template.h). Each
 * text may also use {{app}}, the name of the service.
 */
#ifndef DOMAIN_MESSAGING_TEXT_H
#define DOMAIN_MESSAGING_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/template.h"
#include "db/db.h"

/* A kind of message. */
struct text_type {
	const char *name;		/* of its templates */
	/* space-separated variables; required ones end with '!' */
	const char *variables;
	unsigned channels;	/* bits 1 << enum template_channel */
};
extern const struct text_type text_types[];
extern const size_t text_types_n;
/* Returns NULL if there is no such type. */
const struct text_type *text_type_find(const char *name);

/* A list of variables for the functions below. */
#define TEXT_VARS(...) \
	((const struct template_var []){ __VA_ARGS__, { NULL, NULL } })

struct text {
	const char *title;		/* NULL: none (SMS) */
	const char *body;
	/*
	 * SMS: JSON object with language, sender, template_id and entity_id
	 * (null if they are not set), unicode, and the object variables
	 */
	const char *details;
};

/*
 * Sets the configuration of messages, with the key of the outbox, and reads the
 * operator's templates, once per process. Files that cannot be read
 * or are invalid are reported on errs; the built-in texts are used instead.
 * Without this call, the built-in texts are used.
 */
void	text_start(const struct conf *, FILE *errs);
/* Only sets the configuration. */
void	text_set_conf(const struct conf *);
/*
 * Returns the text of a type for a channel, in the arena. A type that has no
 * template for the channel is a BUG().
 */
void	text_make(struct arena *, const char *language, const char *type,
	    enum template_channel, const struct template_var *, struct text *);

/* Returns "INR 150.00" and "12:05" or "1:02:05" for texts, in the arena. */
const char *text_amount(struct arena *, int64_t amount);
const char *text_duration(struct arena *, int64_t ms);
/* Returns the details of an e-mail that the user can unsubscribe from. */
const char *text_unsubscribe(struct arena *, int64_t user);

/*
 * Checks all files of the operator, and writes a line to errs for each error.
 * Returns the number of errors.
 */
size_t	text_check(FILE *errs);
/*
 * Checks one file: syntax, unknown and missing variables, length of an SMS.
 * Returns NULL if it is valid, or a message in the arena.
 */
const char *text_check_file(struct arena *, const struct template_file *);
/* Returns whether the service sends SMS. */
bool	text_sends_sms(void);
/* Returns whether codes by SMS end with the line of an Android app. */
bool	text_has_app_hash(void);
/* Returns example values of all variables of a type. */
const struct template_var *text_samples(struct arena *,
	    const struct text_type *);

/*
 * Returns the language of messages: the preferred one, or the best one of an
 * Accept-Language header, or "en". Both may be NULL. Languages without any
 * template are skipped. The result is in the arena or a literal.
 */
const char *text_language(struct arena *, const char *preferred,
	    const char *accepted);
/*
 * Sets the Accept-Language header of the request that is being handled, or
 * NULL. It applies to messages to the sender of the request (text_language_of()
 * with `self`).
 */
void	text_request_language(const char *header);
/*
 * Returns the language of a user in *language. self: the user sends the current
 * request, so its Accept-Language precedes the stored one. user 0: only the
 * header is used.
 */
enum rc	text_language_of(struct db *, struct arena *, int64_t user, bool self,
	    const char **language);
/*
 * Stores the Accept-Language header of the current request for later messages.
 */
enum rc	text_language_keep(struct db *, struct arena *, int64_t user);

#endif
