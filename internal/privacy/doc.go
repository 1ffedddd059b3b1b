// Package privacy keeps the promises of the GDPR in code: the catalogue of what
// is held, purposes and lawful bases, consent, and erasure.
//
// Each package that stores something has exactly one [Holder]. From the holders'
// fields comes the one catalogue: a column that it does not list fails the
// tests, and export, erasure, retention, the record of processing and the notice
// all follow from it, so that none can drift from the schema. This package
// imports no domain; the composition root hands it the holders.
//
// Personal data held here: the evidence of a lawful basis (sealed), and, by a
// contact's id, which consents were given and withdrawn.
package privacy
