// Package mask hides e-mail addresses and phone numbers in JSON from those who may
// see people, but not how to reach them.
//
// It knows them by what they look like, wherever in an answer they stand, and phone
// numbers also by the fields that hold them, so that a route which is added later
// hides them, too. What people wrote to each other is text and stays as it is.
//
// Guarantees: what is hidden cannot be told from the mask but for its first letters
// and its last two digits; everything else of the JSON stays byte for byte.
package mask
