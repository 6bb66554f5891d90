/*
 * Using one of these unsafe functions is a compile error. Include this last in
 * a header that every file includes (base/str.h does).
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#define BANNED(f) this_function_is_banned_##f

#undef strcpy
#define strcpy(a, b)	BANNED(strcpy_use_buf)
#undef strcat
#define strcat(a, b)	BANNED(strcat_use_buf)
#undef strncpy
#define strncpy(a, b, n) BANNED(strncpy_use_arena_strn)
#undef sprintf
#define sprintf(...)	BANNED(sprintf_use_snprintf)
#undef strtok
#define strtok(a, b)	BANNED(strtok_keeps_state)
#undef gmtime
#define gmtime(a)	BANNED(gmtime_use_clock_rfc3339)
#undef localtime
#define localtime(a)	BANNED(localtime_use_clock_rfc3339)
#undef atoi
#define atoi(a)		BANNED(atoi_use_str_int)
#undef atol
#define atol(a)		BANNED(atol_use_str_int)

#endif
