-- +goose Up

-- People from before names were found within a company (0034) have no tokens for it until somebody changes them: what
-- finds everybody is made anew in the background, as after a change of the attributes. began_at 0: an upgrade began it,
-- and nobody is told, since nobody changed. A pass that is under way begins anew, and tells.
INSERT INTO attribute_indexing (workspace_id, version, cursor, done, total, began_at, ended_at, lease_holder, lease_until)
SELECT workspace_id, 0, '', 0, COUNT(*), 0, NULL, '', 0 FROM contacts WHERE 1 = 1 GROUP BY workspace_id
ON CONFLICT (workspace_id) DO UPDATE SET cursor = '', done = 0, total = excluded.total,
    began_at = CASE WHEN attribute_indexing.ended_at IS NULL THEN attribute_indexing.began_at ELSE 0 END, ended_at = NULL;
