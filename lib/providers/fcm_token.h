/*
 * fcm_token: the access token for Firebase Cloud Messaging, requested with the
 * key of the service account (RFC 7523). fcm_start() reads the key. The token
 * stays in memory, because one process sends all messages.
 */
#ifndef PROVIDERS_FCM_TOKEN_H
#define PROVIDERS_FCM_TOKEN_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/conf.h"
#include "net/http.h"

/* Returns whether there is a token that has not expired or been rejected. */
bool		 fcm_token_valid(void);
/* Returns the token, or "" before the first one. */
const char	*fcm_token(void);
/* Returns the project of the service account. */
const char	*fcm_token_project(void);

/*
 * Fills in the request for the next token, in the arena. Returns false if it
 * is not due: while the token is in the first part of its lifetime, and for a while
 * after a failure. This is shorter if needed is true because messages wait.
 * Call fcm_token_response() before the next call.
 */
bool		 fcm_token_request(struct arena *, const struct conf *,
		    bool needed, struct http_request *);
/*
 * Stores the token of a response. A failure is logged. It has no effect on the
 * present token.
 */
void		 fcm_token_response(struct arena *,
		    const struct http_answer *);
/* Invalidates a token that FCM rejected, unless it was replaced already. */
void		 fcm_token_rejected(const char *token);

#endif
