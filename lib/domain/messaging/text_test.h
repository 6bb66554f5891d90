/* text_test: examples of texts for operators, and test messages. */
#ifndef DOMAIN_MESSAGING_TEXT_TEST_H
#define DOMAIN_MESSAGING_TEXT_TEST_H

#include "domain/common/audit.h"
#include "domain/common/outbox.h"
#include "domain/messaging/text.h"

/* A text with example values. */
struct text_preview {
	const struct text_type *type;
	const struct template_file *file;	/* that is used */
	struct text text;
	const char *error;		/* of the operator's file, which is not
					 * used; or NULL */
	bool unicode;			/* SMS */
	size_t segments;		/* SMS; 0: another channel */
};

/*
 * Makes a preview. Returns RC_NOT_FOUND if there is no such type, or it is not
 * sent by the channel.
 */
enum rc	text_test_preview(struct arena *, const char *name,
	    enum template_channel, const char *language, struct text_preview *,
	    struct err *);
/*
 * Sends the preview to the administrator: to the verified address, or to the
 * devices. *to is the address, or NULL. Returns RC_CONFLICT no_address if there
 * is none.
 */
enum rc	text_test_send(struct db *, struct arena *,
	    const struct text_preview *, const struct audit_by *,
	    const char **to, struct err *);
/* Returns the languages of all templates, in alphabetical order. */
void	text_test_languages(struct arena *, struct strv *);

#endif
