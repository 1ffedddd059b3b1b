package pages

// problem is one sort of failure that the API answers with, by its stable code.
type problem struct {
	Code    string
	Status  int
	Meaning string
}

// problems are what the type of a problem document points at: /docs/problems#code.
var problems = []problem{
	{"malformed", 400, "The request cannot be read: broken JSON, invalid UTF-8, or a cursor of another list."},
	{"unauthorized", 401, "It is not known who asks. Sign in, send a key, or start a new widget session."},
	{"identity_token_refused", 401, "The identity token is not signed with the workspace's identity secret, has expired, or names nobody."},
	{"forbidden", 403, "The caller lacks the permission that the route needs."},
	{"csrf", 403, "A request with the session cookie came without its X-CSRF-Token."},
	{"origin_not_allowed", 403, "The page's website is not among the workspace's allowed origins."},
	{"not_found", 404, "There is no such thing in this workspace, or no such route."},
	{"method_not_allowed", 405, "The route exists for other methods; the Allow header names them."},
	{"changed_meanwhile", 409, "Others changed the same thing at the same time. Try again."},
	{"client_id_taken", 409, "The client_id belongs to a message of the same author in another conversation."},
	{"external_id_taken", 409, "Another contact has this external id."},
	{"idempotency_mismatch", 409, "The Idempotency-Key came with another request before."},
	{"idempotency_in_progress", 409, "A request with this Idempotency-Key is being served, or its answer was lost."},
	{"wording_changed", 409, "The purpose's wording has changed since it was shown. Show the present one and ask again."},
	{"processing_restricted", 409, "The person's data is restricted (GDPR article 18): it is stored, and nothing else may happen to it until that is lifted."},
	{"objected", 409, "The person objected to that use of their data (GDPR article 21)."},
	{"consent_missing", 409, "The use rests on consent, and the person has not given it or has withdrawn it."},
	{"not_objected", 409, "There is no objection to that use in force, so there is nothing to take back."},
	{"no_objection", 409, "The law obliges the controller to that use, so nobody can object to it."},
	{"legal_hold", 409, "A legal hold keeps the person's data until the moment that the detail names."},
	{"not_held", 409, "There is no legal hold in force, so there is nothing to lift."},
	{"contact_in_bin", 409, "The person is in the bin. Take them out first."},
	{"nothing_held", 409, "Nothing is held about this visitor yet, so there is nothing to consent to."},
	{"verified", 409, "The person is vouched for by an identity token; a page cannot change who they are."},
	{"signed_in_as_another", 409, "The widget session belongs to another person. Reset it first."},
	{"already_member", 409, "The operator belongs to this workspace already."},
	{"already_set_up", 409, "The server is set up; sign in instead."},
	{"account_changed", 409, "The account's password changed while it was being used. Sign in again."},
	{"operator_needed", 409, "A test mail goes to the operator who asks for it, and a key has no address."},
	{"last_owner", 409, "A workspace keeps at least one owner."},
	{"root_key_fixed", 409, "The root key comes from the environment and cannot be rotated there."},
	{"subject_erased", 410, "The person's data was erased, and their key destroyed."},
	{"precondition_failed", 412, "If-Match names a version that is no longer the present one."},
	{"too_large", 413, "The body has more bytes than the route takes."},
	{"unsupported_media_type", 415, "The body must be application/json."},
	{"invalid", 422, "A field breaks its rule or is unknown; errors names each."},
	{"basis_required", 422, "Personal data came without saying why it may be processed."},
	{"rate_limited", 429, "Too many requests. Wait as long as Retry-After says."},
	{"internal", 500, "A failure on our side. The server's log has the cause under the request's id."},
	{"storage_full", 503, "The disk is full. What was acknowledged is safe; new writes wait for room."},
	{"storage_read_only", 503, "The database cannot be written."},
	{"storage_busy", 503, "Another process holds the database. Try again."},
	{"storage_unreachable", 503, "The database does not answer."},
	{"outcome_unknown", 503, "The connection broke at the commit: look whether the change took effect."},
	{"shutting_down", 503, "The server is stopping. Try again in a moment."},
	{"audit_unavailable", 503, "The audit log cannot be written, so personal data is not shown."},
	{"audit_log_broken", 503, "The audit log does not prove itself; an administrator must look."},
}
