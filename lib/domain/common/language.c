#include "domain/common/language.h"

#include "base/str.h"
#include "base/words.h"

struct language {
	const char *code, *names;
};

/* Sorted by code; ';' separates the names of a language. */
static const struct language languages[] = {
	{ "aa", "Afar" },
	{ "ab", "Abkhazian" },
	{ "ae", "Avestan" },
	{ "af", "Afrikaans" },
	{ "ak", "Akan" },
	{ "am", "Amharic;አማርኛ" },
	{ "an", "Aragonese" },
	{ "ar", "Arabic;العربية" },
	{ "as", "Assamese;অসমীয়া" },
	{ "av", "Avaric" },
	{ "ay", "Aymara" },
	{ "az", "Azerbaijani;azərbaycan" },
	{ "ba", "Bashkir;башҡорт" },
	{ "be", "Belarusian;беларуская" },
	{ "bg", "Bulgarian;български" },
	{ "bh", "Bihari;Bihari languages" },
	{ "bho", "Bhojpuri;भोजपुरी" },
	{ "bi", "Bislama" },
	{ "bm", "Bambara;bamanakan" },
	{ "bn", "Bengali;Bangla;বাংলা" },
	{ "bo", "Tibetan;བོད་སྐད་" },
	{ "br", "Breton;brezhoneg" },
	{ "brx", "Bodo;बड़ो" },
	{ "bs", "Bosnian;bosanski" },
	{ "ca", "Catalan;Valencian;català" },
	{ "ce", "Chechen;нохчийн" },
	{ "ch", "Chamorro" },
	{ "co", "Corsican" },
	{ "cr", "Cree" },
	{ "cs", "Czech;čeština" },
	{ "cu", "Church Slavonic;Church Slavic;Old Church Slavonic;"
	    "Old Slavonic;Old Bulgarian" },
	{ "cv", "Chuvash;чӑваш чӗлхи" },
	{ "cy", "Welsh;Cymraeg" },
	{ "da", "Danish;dansk" },
	{ "de", "German;Deutsch" },
	{ "doi", "Dogri;डोगरी" },
	{ "dv", "Dhivehi;Divehi;Maldivian" },
	{ "dz", "Dzongkha;རྫོང་ཁ" },
	{ "ee", "Ewe;eʋegbe" },
	{ "el", "Greek;Modern Greek;Ελληνικά" },
	{ "en", "English" },
	{ "eo", "Esperanto" },
	{ "es", "Spanish;Castilian;español" },
	{ "et", "Estonian;eesti" },
	{ "eu", "Basque;euskara" },
	{ "fa", "Persian;Farsi;فارسی" },
	{ "ff", "Fulah;Pulaar" },
	{ "fi", "Finnish;suomi" },
	{ "fj", "Fijian" },
	{ "fo", "Faroese;føroyskt" },
	{ "fr", "French;français" },
	{ "fy", "Western Frisian;Frisian;Frysk" },
	{ "ga", "Irish;Gaeilge" },
	{ "gd", "Scottish Gaelic;Gaelic;Gàidhlig" },
	{ "gl", "Galician;galego" },
	{ "gn", "Guarani" },
	{ "gu", "Gujarati;ગુજરાતી" },
	{ "gv", "Manx;Gaelg" },
	{ "ha", "Hausa" },
	{ "he", "Hebrew;עברית" },
	{ "hi", "Hindi;हिंदी;हिन्दी" },
	{ "ho", "Hiri Motu" },
	{ "hr", "Croatian;hrvatski" },
	{ "ht", "Haitian Creole;Haitian" },
	{ "hu", "Hungarian;magyar" },
	{ "hy", "Armenian;հայերեն" },
	{ "hz", "Herero" },
	{ "ia", "Interlingua" },
	{ "id", "Indonesian;Bahasa Indonesia;Indonesia" },
	{ "ie", "Interlingue;Occidental" },
	{ "ig", "Igbo" },
	{ "ii", "Nuosu;Sichuan Yi;ꆈꌠꉙ" },
	{ "ik", "Inupiaq" },
	{ "io", "Ido" },
	{ "is", "Icelandic;íslenska" },
	{ "it", "Italian;italiano" },
	{ "iu", "Inuktitut" },
	{ "ja", "Japanese;日本語" },
	{ "jv", "Javanese;Jawa" },
	{ "ka", "Georgian;ქართული" },
	{ "kg", "Kongo" },
	{ "ki", "Kikuyu;Gikuyu" },
	{ "kj", "Kwanyama;Kuanyama" },
	{ "kk", "Kazakh;қазақ тілі" },
	{ "kl", "Greenlandic;Kalaallisut" },
	{ "km", "Khmer;Central Khmer;ខ្មែរ" },
	{ "kn", "Kannada;ಕನ್ನಡ" },
	{ "ko", "Korean;한국어" },
	{ "kok", "Konkani;कोंकणी" },
	{ "kr", "Kanuri" },
	{ "ks", "Kashmiri;کٲشُر" },
	{ "ku", "Kurdish;kurdî" },
	{ "kv", "Komi" },
	{ "kw", "Cornish;kernewek" },
	{ "ky", "Kyrgyz;Kirghiz;кыргызча" },
	{ "la", "Latin" },
	{ "lb", "Luxembourgish;Letzeburgesch;Lëtzebuergesch" },
	{ "lg", "Ganda;Luganda" },
	{ "li", "Limburgish;Limburgan;Limburger" },
	{ "ln", "Lingala" },
	{ "lo", "Lao;Laotian;ລາວ" },
	{ "lt", "Lithuanian;lietuvių" },
	{ "lu", "Luba-Katanga;Tshiluba" },
	{ "lv", "Latvian;latviešu" },
	{ "mai", "Maithili;मैथिली" },
	{ "mg", "Malagasy" },
	{ "mh", "Marshallese" },
	{ "mi", "Maori" },
	{ "mk", "Macedonian;македонски" },
	{ "ml", "Malayalam;മലയാളം" },
	{ "mn", "Mongolian;монгол" },
	{ "mni", "Manipuri;Meitei;মৈতৈলোন্" },
	{ "mr", "Marathi;मराठी" },
	{ "ms", "Malay;Bahasa Melayu;Melayu" },
	{ "mt", "Maltese;Malti" },
	{ "my", "Burmese;Myanmar;မြန်မာ" },
	{ "na", "Nauru" },
	{ "nb", "Norwegian Bokmål;Norwegian Bokmal;Bokmål;Bokmal;"
	    "norsk bokmål" },
	{ "nd", "North Ndebele;isiNdebele" },
	{ "ne", "Nepali;नेपाली" },
	{ "ng", "Ndonga" },
	{ "nl", "Dutch;Flemish;Nederlands" },
	{ "nn", "Norwegian Nynorsk;Nynorsk;norsk nynorsk" },
	{ "no", "Norwegian;Norsk" },
	{ "nr", "South Ndebele" },
	{ "nv", "Navajo;Navaho" },
	{ "ny", "Chichewa;Chewa;Nyanja" },
	{ "oc", "Occitan;Provençal;Provencal" },
	{ "oj", "Ojibwa" },
	{ "om", "Oromo;Oromoo" },
	{ "or", "Odia;Oriya;ଓଡ଼ିଆ" },
	{ "os", "Ossetian;Ossetic;ирон" },
	{ "pa", "Punjabi;Panjabi;ਪੰਜਾਬੀ;پنجابی" },
	{ "pi", "Pali" },
	{ "pl", "Polish;polski" },
	{ "ps", "Pashto;Pushto;پښتو" },
	{ "pt", "Portuguese;português" },
	{ "qu", "Quechua;Runasimi" },
	{ "raj", "Rajasthani;राजस्थानी" },
	{ "rm", "Romansh;rumantsch" },
	{ "rn", "Rundi;Ikirundi" },
	{ "ro", "Romanian;Moldavian;Moldovan;română" },
	{ "ru", "Russian;русский" },
	{ "rw", "Kinyarwanda;Ikinyarwanda" },
	{ "sa", "Sanskrit;संस्कृत भाषा" },
	{ "sat", "Santali;ᱥᱟᱱᱛᱟᱲᱤ" },
	{ "sc", "Sardinian;sardu" },
	{ "sd", "Sindhi;سنڌي" },
	{ "se", "Northern Sami;davvisámegiella" },
	{ "sg", "Sango" },
	{ "si", "Sinhala;Sinhalese;සිංහල" },
	{ "sk", "Slovak;slovenčina" },
	{ "sl", "Slovenian;slovenščina" },
	{ "sm", "Samoan" },
	{ "sn", "Shona;chiShona" },
	{ "so", "Somali;Soomaali" },
	{ "sq", "Albanian;shqip" },
	{ "sr", "Serbian;Srpski;српски" },
	{ "ss", "Swati" },
	{ "st", "Southern Sotho;Sesotho" },
	{ "su", "Sundanese;Basa Sunda" },
	{ "sv", "Swedish;svenska" },
	{ "sw", "Swahili;Kiswahili" },
	{ "ta", "Tamil;தமிழ்" },
	{ "tcy", "Tulu;ತುಳು" },
	{ "te", "Telugu;తెలుగు" },
	{ "tg", "Tajik;тоҷикӣ" },
	{ "th", "Thai;ไทย" },
	{ "ti", "Tigrinya;ትግርኛ" },
	{ "tk", "Turkmen;türkmen dili" },
	{ "tl", "Tagalog;Filipino" },
	{ "tn", "Tswana;Setswana" },
	{ "to", "Tongan;Tonga;lea fakatonga" },
	{ "tr", "Turkish;Türkçe" },
	{ "ts", "Tsonga" },
	{ "tt", "Tatar;татар" },
	{ "tw", "Twi" },
	{ "ty", "Tahitian" },
	{ "ug", "Uyghur;Uighur;ئۇيغۇرچە" },
	{ "uk", "Ukrainian;українська" },
	{ "ur", "Urdu;اردو" },
	{ "uz", "Uzbek;o‘zbek" },
	{ "ve", "Venda" },
	{ "vi", "Vietnamese;Tiếng Việt" },
	{ "vo", "Volapük;Volapuk" },
	{ "wa", "Walloon" },
	{ "wo", "Wolof" },
	{ "xh", "Xhosa;IsiXhosa" },
	{ "yi", "Yiddish;ייִדיש" },
	{ "yo", "Yoruba;Èdè Yorùbá" },
	{ "yue", "Cantonese;廣東話;广东话;粵語" },
	{ "za", "Zhuang;Chuang;Vahcuengh" },
	{ "zh", "Chinese;Mandarin;汉语;漢語;普通话;中文" },
	{ "zu", "Zulu;isiZulu" },
};

size_t
language_count(void)
{
	return NELEM(languages);
}

const char *
language_at(size_t i, const char **names)
{
	if (names)
		*names = languages[i].names;
	return languages[i].code;
}

/* Returns whether two texts have the same words. */
static bool
same_words(const char *a, size_t a_len, const char *b, size_t b_len)
{
	struct words a_words, b_words;
	struct word x, y;

	words_init(&a_words, a, a_len);
	words_init(&b_words, b, b_len);
	while (words_next(&a_words, &x)) {
		if (!words_next(&b_words, &y) || x.len != y.len ||
		    memcmp(x.text, y.text, x.len) != 0)
			return false;
	}
	return !words_next(&b_words, &y);
}

/* Returns whether the n bytes are one of the names. */
static bool
language_named(const char *names, const char *word, size_t n)
{
	size_t len;

	for (const char *p = names; *p != '\0'; p += len + (p[len] == ';')) {
		len = strcspn(p, ";");
		if (same_words(p, len, word, n))
			return true;
	}
	return false;
}

/* Returns the code of a name or code of n bytes, or NULL. */
static const char *
find_language(const char *word, size_t n)
{
	struct words words;
	struct word first;

	words_init(&words, word, n);
	if (!words_next(&words, &first) || memchr(word, ';', n))
		return NULL;
	for (size_t i = 0; i < NELEM(languages); i++)
		if (language_named(languages[i].code, word, n) ||
		    language_named(languages[i].names, word, n))
			return languages[i].code;
	return NULL;
}

const char *
language_code(const char *word)
{
	return find_language(word, strlen(word));
}

char *
language_codes(struct arena *arena, const char *list)
{
	char *out = NULL;
	const char *code;
	size_t n;

	for (const char *p = list; *p != '\0'; p += n + (p[n] == ',')) {
		n = strcspn(p, ",");
		code = find_language(p, n);
		if (code != NULL)
			out = arena_fmt(arena, "%s\"%s\"", out != NULL ?
			    arena_fmt(arena, "%s,", out) : "", code);
	}
	return out != NULL ? arena_fmt(arena, "[%s]", out) : NULL;
}

static bool
same_word(const struct word *a, const struct word *b)
{
	return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

/*
 * Returns the end of a name of n bytes in a text, or 0 if its words are not the
 * word first and those that `at` reads after it.
 */
static size_t
name_end(struct words at, const struct word *first, const char *name, size_t n)
{
	struct words names;
	struct word want, have;
	size_t end = first->end;

	words_init(&names, name, n);
	if (!words_next(&names, &want) || !same_word(&want, first))
		return 0;
	while (words_next(&names, &want)) {
		if (!words_next(&at, &have) || !same_word(&want, &have))
			return 0;
		end = have.end;
	}
	return words_next(&at, &have) && have.adjacent ? 0 : end;
}

/* Returns the end of the longest name that begins with a word, or 0. */
static size_t
longest_name(struct words at, const struct word *first, const char **code)
{
	size_t longest = 0, len, end;

	for (size_t i = 0; i < NELEM(languages); i++) {
		const char *p = languages[i].names;

		for (; *p != '\0'; p += len + (p[len] == ';')) {
			len = strcspn(p, ";");
			end = name_end(at, first, p, len);
			if (end > longest) {
				longest = end;
				*code = languages[i].code;
			}
		}
	}
	return longest;
}

char *
language_names_in(struct arena *arena, const char *text, const char **rest)
{
	char *out = NULL, *left = arena_str(arena, "");
	struct words at;
	struct word word;
	size_t end = 0, name;
	const char *code;
	bool inside = false;	/* of a sequence without separators */

	words_init(&at, text, strlen(text));
	for (; words_next(&at, &word); inside = true) {
		name = word.start < end || (inside && word.adjacent) ? 0 :
		    longest_name(at, &word, &code);
		if (name == 0)
			continue;
		out = arena_fmt(arena, "%s\"%s\"", out != NULL ?
		    arena_fmt(arena, "%s,", out) : "", code);
		left = arena_fmt(arena, "%s%.*s ", left,
		    (int)(word.start - end), text + end);
		end = name;
	}
	*rest = arena_fmt(arena, "%s%s", left, text + end);
	return out != NULL ? arena_fmt(arena, "[%s]", out) : NULL;
}

char *
language_name(struct arena *arena, const char *code)
{
	for (size_t i = 0; i < NELEM(languages); i++)
		if (str_eq(languages[i].code, code))
			return arena_strn(arena, languages[i].names,
			    strcspn(languages[i].names, ";"));
	return NULL;
}
