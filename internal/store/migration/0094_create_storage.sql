-- Where the files that all nodes share are kept; see internal/cluster/storage. A location is a directory's path or an object
-- store's URL; '' is each node's own default directory, which only a single node has, or all have mounted.
CREATE TABLE storage_state (
    id         @text  NOT NULL PRIMARY KEY,
    -- Grows with every change of where files are; nodes say which one they follow.
    generation BIGINT NOT NULL
);

-- The place "clusterShared" is the root; a place without a row, or with the location '', is kept there.
CREATE TABLE storage_place (
    name           @text NOT NULL PRIMARY KEY,
    location       @text NOT NULL,
    -- Where the place was before its last move: what a slow writer left there is still found until the time.
    previous       @text NOT NULL,
    previous_until @time
);

-- The identity that each location bears, by which nodes know that they see the same one.
CREATE TABLE storage_shelf (
    location @text NOT NULL PRIMARY KEY,
    identity @text NOT NULL
);

-- The move that is under way: at most one.
CREATE TABLE storage_move (
    id             @text  NOT NULL PRIMARY KEY,
    place          @text  NOT NULL,
    source         @text  NOT NULL,
    target         @text  NOT NULL,
    -- preparing: nodes say whether they reach the target. copying: they write there, and read from both.
    phase          @text  NOT NULL,
    -- Every file whose key is not above this one was copied and verified.
    copied_through @text  NOT NULL,
    -- The process that copies, and a count by which others see that it lives.
    mover          @text  NOT NULL,
    renewals       BIGINT NOT NULL,
    begun_at       @time  NOT NULL
);

-- What each start of a node follows; the problem is why it cannot take part in a move.
CREATE TABLE storage_node (
    node_id    @text  NOT NULL PRIMARY KEY,
    epoch      @text  NOT NULL,
    generation BIGINT NOT NULL,
    problem    @text  NOT NULL
);

-- The last marker that each node wrote to a location, and what is wrong with the location there.
CREATE TABLE storage_mark (
    node_id  @text NOT NULL,
    location @text NOT NULL,
    epoch    @text NOT NULL,
    key      @text NOT NULL,
    kind     @text NOT NULL,
    problem  @text NOT NULL,
    PRIMARY KEY (node_id, location)
);
