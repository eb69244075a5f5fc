/* glyphs.h - a stroke font for labels in pictures. */
#ifndef LODE_PICTURE_GLYPHS_H
#define LODE_PICTURE_GLYPHS_H

enum { LODE_GLYPH_BASE = 3, LODE_GLYPH_CAPITAL = 7 };

/* Strokes of an ASCII character: points of two characters, column '0'..'8' and row '0'..'9','a';
 * a blank lifts the pen. The base line is row 3, capitals reach row a, small letters row 8. NULL
 * for the blank and for characters that are not drawn. */
const char *lode_glyph(unsigned char letter);

#endif
