// Package contacts knows the people who use the customer's website: who they
// are, what they said of themselves, and how they are found again.
//
// A contact exists from the first thing that a person does on purpose: writing a
// message, giving an address, being identified by the customer's code. Looking at
// a page makes none.
//
// Guarantees: a contact's profile is sealed with that contact's own key before
// it reaches storage; it is found only through keyed tokens of its e-mail
// address, phone number, external id and name; every read of it is logged; data
// about a person is taken only with a lawful basis. Everything that can be
// wrong with a profile is said at once, by field.
//
// Never does: joining a claimed e-mail address to another person's data. An
// address that a visitor typed is a claim; only a signed identity token or the
// customer's code makes a contact verified.
//
// Personal data held: contacts.profile_sealed (name, address, phone, avatar,
// external id, locale, time zone, attributes), keyed tokens, and when the person
// was last seen.
package contacts
