#include "domain/common/language.h"

#include "base/str.h"

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
	{ "am", "Amharic" },
	{ "an", "Aragonese" },
	{ "ar", "Arabic" },
	{ "as", "Assamese" },
	{ "av", "Avaric" },
	{ "ay", "Aymara" },
	{ "az", "Azerbaijani" },
	{ "ba", "Bashkir" },
	{ "be", "Belarusian" },
	{ "bg", "Bulgarian" },
	{ "bh", "Bihari;Bihari languages" },
	{ "bho", "Bhojpuri" },
	{ "bi", "Bislama" },
	{ "bm", "Bambara" },
	{ "bn", "Bengali;Bangla" },
	{ "bo", "Tibetan" },
	{ "br", "Breton" },
	{ "brx", "Bodo" },
	{ "bs", "Bosnian" },
	{ "ca", "Catalan;Valencian" },
	{ "ce", "Chechen" },
	{ "ch", "Chamorro" },
	{ "co", "Corsican" },
	{ "cr", "Cree" },
	{ "cs", "Czech" },
	{ "cu", "Church Slavonic;Church Slavic;Old Church Slavonic;"
	    "Old Slavonic;Old Bulgarian" },
	{ "cv", "Chuvash" },
	{ "cy", "Welsh" },
	{ "da", "Danish" },
	{ "de", "German" },
	{ "doi", "Dogri" },
	{ "dv", "Dhivehi;Divehi;Maldivian" },
	{ "dz", "Dzongkha" },
	{ "ee", "Ewe" },
	{ "el", "Greek;Modern Greek" },
	{ "en", "English" },
	{ "eo", "Esperanto" },
	{ "es", "Spanish;Castilian" },
	{ "et", "Estonian" },
	{ "eu", "Basque" },
	{ "fa", "Persian;Farsi" },
	{ "ff", "Fulah" },
	{ "fi", "Finnish" },
	{ "fj", "Fijian" },
	{ "fo", "Faroese" },
	{ "fr", "French" },
	{ "fy", "Western Frisian;Frisian" },
	{ "ga", "Irish" },
	{ "gd", "Scottish Gaelic;Gaelic" },
	{ "gl", "Galician" },
	{ "gn", "Guarani" },
	{ "gu", "Gujarati" },
	{ "gv", "Manx" },
	{ "ha", "Hausa" },
	{ "he", "Hebrew" },
	{ "hi", "Hindi" },
	{ "ho", "Hiri Motu" },
	{ "hr", "Croatian" },
	{ "ht", "Haitian Creole;Haitian" },
	{ "hu", "Hungarian" },
	{ "hy", "Armenian" },
	{ "hz", "Herero" },
	{ "ia", "Interlingua" },
	{ "id", "Indonesian;Bahasa Indonesia" },
	{ "ie", "Interlingue;Occidental" },
	{ "ig", "Igbo" },
	{ "ii", "Nuosu;Sichuan Yi" },
	{ "ik", "Inupiaq" },
	{ "io", "Ido" },
	{ "is", "Icelandic" },
	{ "it", "Italian" },
	{ "iu", "Inuktitut" },
	{ "ja", "Japanese" },
	{ "jv", "Javanese" },
	{ "ka", "Georgian" },
	{ "kg", "Kongo" },
	{ "ki", "Kikuyu;Gikuyu" },
	{ "kj", "Kwanyama;Kuanyama" },
	{ "kk", "Kazakh" },
	{ "kl", "Greenlandic;Kalaallisut" },
	{ "km", "Khmer;Central Khmer" },
	{ "kn", "Kannada" },
	{ "ko", "Korean" },
	{ "kok", "Konkani" },
	{ "kr", "Kanuri" },
	{ "ks", "Kashmiri" },
	{ "ku", "Kurdish" },
	{ "kv", "Komi" },
	{ "kw", "Cornish" },
	{ "ky", "Kyrgyz;Kirghiz" },
	{ "la", "Latin" },
	{ "lb", "Luxembourgish;Letzeburgesch" },
	{ "lg", "Ganda" },
	{ "li", "Limburgish;Limburgan;Limburger" },
	{ "ln", "Lingala" },
	{ "lo", "Lao;Laotian" },
	{ "lt", "Lithuanian" },
	{ "lu", "Luba-Katanga" },
	{ "lv", "Latvian" },
	{ "mai", "Maithili" },
	{ "mg", "Malagasy" },
	{ "mh", "Marshallese" },
	{ "mi", "Maori" },
	{ "mk", "Macedonian" },
	{ "ml", "Malayalam" },
	{ "mn", "Mongolian" },
	{ "mni", "Manipuri;Meitei" },
	{ "mr", "Marathi" },
	{ "ms", "Malay;Bahasa Melayu" },
	{ "mt", "Maltese" },
	{ "my", "Burmese;Myanmar" },
	{ "na", "Nauru" },
	{ "nb", "Norwegian Bokmål;Norwegian Bokmal;Bokmål;Bokmal" },
	{ "nd", "North Ndebele" },
	{ "ne", "Nepali" },
	{ "ng", "Ndonga" },
	{ "nl", "Dutch;Flemish" },
	{ "nn", "Norwegian Nynorsk;Nynorsk" },
	{ "no", "Norwegian" },
	{ "nr", "South Ndebele" },
	{ "nv", "Navajo;Navaho" },
	{ "ny", "Chichewa;Chewa;Nyanja" },
	{ "oc", "Occitan;Provençal;Provencal" },
	{ "oj", "Ojibwa" },
	{ "om", "Oromo" },
	{ "or", "Odia;Oriya" },
	{ "os", "Ossetian;Ossetic" },
	{ "pa", "Punjabi;Panjabi" },
	{ "pi", "Pali" },
	{ "pl", "Polish" },
	{ "ps", "Pashto;Pushto" },
	{ "pt", "Portuguese" },
	{ "qu", "Quechua" },
	{ "raj", "Rajasthani" },
	{ "rm", "Romansh" },
	{ "rn", "Rundi" },
	{ "ro", "Romanian;Moldavian;Moldovan" },
	{ "ru", "Russian" },
	{ "rw", "Kinyarwanda" },
	{ "sa", "Sanskrit" },
	{ "sat", "Santali" },
	{ "sc", "Sardinian" },
	{ "sd", "Sindhi" },
	{ "se", "Northern Sami" },
	{ "sg", "Sango" },
	{ "si", "Sinhala;Sinhalese" },
	{ "sk", "Slovak" },
	{ "sl", "Slovenian" },
	{ "sm", "Samoan" },
	{ "sn", "Shona" },
	{ "so", "Somali" },
	{ "sq", "Albanian" },
	{ "sr", "Serbian" },
	{ "ss", "Swati" },
	{ "st", "Southern Sotho;Sesotho" },
	{ "su", "Sundanese" },
	{ "sv", "Swedish" },
	{ "sw", "Swahili;Kiswahili" },
	{ "ta", "Tamil" },
	{ "tcy", "Tulu" },
	{ "te", "Telugu" },
	{ "tg", "Tajik" },
	{ "th", "Thai" },
	{ "ti", "Tigrinya" },
	{ "tk", "Turkmen" },
	{ "tl", "Tagalog;Filipino" },
	{ "tn", "Tswana;Setswana" },
	{ "to", "Tongan;Tonga" },
	{ "tr", "Turkish" },
	{ "ts", "Tsonga" },
	{ "tt", "Tatar" },
	{ "tw", "Twi" },
	{ "ty", "Tahitian" },
	{ "ug", "Uyghur;Uighur" },
	{ "uk", "Ukrainian" },
	{ "ur", "Urdu" },
	{ "uz", "Uzbek" },
	{ "ve", "Venda" },
	{ "vi", "Vietnamese" },
	{ "vo", "Volapük;Volapuk" },
	{ "wa", "Walloon" },
	{ "wo", "Wolof" },
	{ "xh", "Xhosa" },
	{ "yi", "Yiddish" },
	{ "yo", "Yoruba" },
	{ "yue", "Cantonese" },
	{ "za", "Zhuang;Chuang" },
	{ "zh", "Chinese;Mandarin" },
	{ "zu", "Zulu" },
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

/* Returns whether the n bytes are one of the names, in any case. */
static bool
language_named(const char *names, const char *word, size_t n)
{
	for (const char *p = names; p; p = strchr(p, ';')) {
		size_t i = 0;

		p += *p == ';';
		while (i < n && p[i] != '\0' && p[i] != ';' &&
		    str_lower_ch(p[i]) == str_lower_ch(word[i]))
			i++;
		if (i == n && (p[i] == '\0' || p[i] == ';'))
			return true;
	}
	return false;
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

const char *
language_code(const char *word)
{
	size_t n;

	while (is_space(*word))
		word++;
	n = strlen(word);
	while (n > 0 && is_space(word[n - 1]))
		n--;
	if (n == 0 || memchr(word, ';', n))
		return NULL;
	for (size_t i = 0; i < NELEM(languages); i++)
		if (language_named(languages[i].code, word, n) ||
		    language_named(languages[i].names, word, n))
			return languages[i].code;
	return NULL;
}
