/* es256_example: the key and the signature of RFC 7515 A.3, by ES256. */
#ifndef ES256_EXAMPLE_H
#define ES256_EXAMPLE_H

#define X "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define Y "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
static const char signed_text[] = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJ"
    "leHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
static const char signature[] = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfT"
    "jDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

#endif
