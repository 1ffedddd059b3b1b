// Package sensitive finds what people should not have written into a chat: payment
// cards, bank accounts, national ids, passwords and keys.
//
// It guarantees that a finding begins and ends between characters, that findings do
// not overlap, and that masking what is masked changes nothing. It does no I/O,
// keeps nothing, and never gives out the text that it was shown but as a part of it.
//
// A number counts when its check digits are right, and a weak or missing check
// digit needs words beside it that say what it is, in the languages of the country
// or of the product. docs/sensitive-data.md has what that catches and misses,
// measured on testdata.
//
// It holds no personal data.
package sensitive
