/* typed_text: cleans identifiers and codes that people type or paste. */
#ifndef BASE_TYPED_TEXT_H
#define BASE_TYPED_TEXT_H

/*
 * Removes white space, bidi controls and other format characters from UTF-8
 * text. Replaces decimal digits of all scripts and fullwidth forms by ASCII.
 * Changes the text in place; it never becomes longer. Bytes that are not UTF-8
 * stay.
 */
void	typed_text_clean(char *);

/* Removes the separators of phone numbers: '-', '(', ')' and '.'. */
void	typed_text_strip_separators(char *);

#endif
