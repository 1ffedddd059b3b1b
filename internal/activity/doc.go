// Package activity keeps what people did in the customer's product, as the customer's
// code tells: custom events.
//
// Guarantees: properties are sealed with the person's key, and only the name and the
// time stand in the clear, since segments ask for them; a lawful basis is stated or
// the workspace's default, and its purpose must be one that the person may be
// processed for at that moment. A batch is stored as a whole or not at all.
//
// Never does: making a person. An event of somebody of whom nothing is held is
// refused, so that a website cannot follow visitors who did nothing on purpose.
//
// Personal data held: contact_events (what, when, through what, and properties).
package activity
