-- +goose Up

-- Who is one person is asked with every write about them. With the moment in the index the answer is in it alone; without,
-- SQLite rather read all contacts of the workspace.
DROP INDEX contacts_by_survivor;
CREATE INDEX contacts_by_survivor ON contacts (workspace_id, merged_into, merged_at) WHERE merged_into IS NOT NULL;

-- What a reader voted for is asked for with every page of theirs.
DROP INDEX post_votes_by_contact;
CREATE INDEX post_votes_by_contact ON post_votes (workspace_id, contact_id, post_id, importance);

-- How many posts are at each status and in each category.
CREATE INDEX posts_by_facet ON posts (workspace_id, board_id, state, status, category) WHERE merged_into IS NULL;
