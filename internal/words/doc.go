// Package words keeps what pages say, in the languages that they say it in: a JSON
// file of texts by name for each language. It knows plural forms, dates and which
// language is nearest to what a browser asks for.
package words
