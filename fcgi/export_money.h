/*
 * export_money: what an export says of money.
 */
#ifndef FCGI_EXPORT_MONEY_H
#define FCGI_EXPORT_MONEY_H

#include "fcgi/req.h"

/*
 * Into the open object: the wallet, all of its lines, and all of the caller's
 * payments and paid sessions, with the reviews. Newest first.
 */
enum rc	export_money(struct req *);

#endif
