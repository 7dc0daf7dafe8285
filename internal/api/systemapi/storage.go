package systemapi

import (
	"net/http"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/store"
)

// Storage is where the cluster keeps its files. An empty location: the place has none of its own.
type Storage struct {
	ID              string `json:"Id"`
	ClusterShared   string
	Artifacts       string
	TaskLogs        string
	NugetRepository string
	Imports         string
	EventExports    string
	// Move is the move that is under way.
	Move *StorageMove
	// Problems are what the nodes that are online found with their last look.
	Problems []StorageProblem
}

// StorageMove is a move of one place.
type StorageMove struct{ Place, From, To, Phase string }

// StorageProblem is what is wrong with a location on one node.
type StorageProblem struct{ NodeID, Node, Location, Kind, Message string }

const storagePath = "configuration/storage"

func storageSection() Section {
	return Section{"storage", "Storage", "Where the cluster keeps its files; the command mantle path changes it"}
}

func registerStorage(e *api.Engine, read func(*store.Tx) (Storage, error)) {
	if read == nil {
		return
	}
	e.AddLink("StorageConfiguration", "/api/"+storagePath)
	e.Handle(
		needs(access.ConfigureServer, http.MethodGet, storagePath, "Where files are kept, as a section of the configuration", Section{}, func(c *api.Call) error { return answerSection(c, storageSection()) }),
		needs(access.ConfigureServer, http.MethodGet, storagePath+"/values", "Where files are kept, and how the nodes find it there", Storage{}, func(c *api.Call) error {
			var s Storage
			err := c.Read(func(tx *store.Tx) (err error) {
				s, err = read(tx)
				return err
			})
			if err != nil {
				return err
			}
			s.ID = "storage"
			body, err := c.Resource(s, api.Links{"Self": "/api/" + storagePath + "/values"})
			if err != nil {
				return err
			}
			return c.JSON(http.StatusOK, body)
		}),
	)
}
