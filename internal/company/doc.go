// Package company keeps the companies that people work for: name, domains, website
// and attributes.
//
// Guarantees: what is known of a company is sealed with the workspace's key and found
// by keyed tokens of its domains and of the beginnings of its name. A domain is one
// company's. Removing a company keeps its people.
//
// Who belongs to a company stands with the contact (contacts.company_id).
package company
