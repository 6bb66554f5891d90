/*
 * export_told: what an export says of what the user was told, and where.
 */
#ifndef FCGI_EXPORT_TOLD_H
#define FCGI_EXPORT_TOLD_H

#include "fcgi/req.h"

/*
 * Into the open object: all of the caller's notifications, newest first, and
 * the devices that push messages go to. Who has a device's address can send to
 * it, so it is shortened: a file that is handed around does not have it.
 */
enum rc	export_told(struct req *);

#endif
