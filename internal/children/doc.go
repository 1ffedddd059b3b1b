// Package children keeps the age gate and the consent of parents (GDPR article
// 8): from which age a person consents alone in each country, and on record, for
// whom a parent did.
//
// Guarantees: while a workspace asks for ages, nothing of a visitor is stored
// before they answered; when they were born is computed with and forgotten, never
// stored; a child is stored only with a parent's consent, which keeps the exact
// wording, its hash, the time and the parent's address (sealed with the child's
// key); where a parent refuses, does not answer in seven days, or withdraws,
// everything is erased with the key. Enrichment and marketing ask [IsChild] and
// leave children out.
//
// Never does: asking for more than a month of birth; guessing somebody's age;
// sending a parent more than three messages a day.
//
// Personal data held: parental_consents.parent_sealed, and that a contact is a
// child.
package children
