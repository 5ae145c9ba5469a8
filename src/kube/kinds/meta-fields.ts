// The fields of `metadata`, the same for all kinds (apimachinery pkg/apis/meta/v1 ObjectMeta).

import {
  type Fields,
  integer,
  list,
  object,
  openObject,
  text,
  textMap,
  timestamp,
} from './schema.ts';

/** All that may stand in `metadata`. The lab reads name, namespace, labels and annotations. */
export const META_FIELDS: Fields = {
  annotations: textMap(
    'Annotations is an unstructured key value map stored with a resource that may be set by external tools to store and retrieve arbitrary metadata.',
  ),
  creationTimestamp: timestamp('The server time when this object was created.'),
  deletionGracePeriodSeconds: integer('Not used by the lab.'),
  deletionTimestamp: timestamp('Not used by the lab: objects go at once.'),
  finalizers: list('Not used by the lab.', text('The name of a finalizer.')),
  generateName: text('Not used by the lab: a new object needs a name.'),
  generation: integer('Not used by the lab.'),
  labels: textMap(
    'Map of string keys and values that can be used to organize and categorize (scope and select) objects.',
  ),
  managedFields: list(
    'ManagedFields maps workflow id and version to the set of fields that are managed by that workflow.',
    openObject('Who set which fields.', {
      apiVersion: text('The version of the resource that this field set applies to.'),
      fieldsType: text('There is currently only one possible value: "FieldsV1".'),
      fieldsV1: openObject('The set of fields.', {}),
      manager: text('An identifier of the workflow managing these fields.'),
      operation: text('Apply or Update.'),
      subresource: text('The subresource used to update the object, or empty.'),
      time: timestamp('When this entry was added or changed.'),
    }),
  ),
  name: text('Name must be unique within a namespace.'),
  namespace: text('Namespace defines the space within which each name must be unique.'),
  ownerReferences: list('Not used by the lab.', openObject('An owner.', {})),
  resourceVersion: text('An opaque value that represents the internal version of this object.'),
  selfLink: text('Not used by the lab.'),
  uid: text('UID is the unique in time and space value for this object.'),
};

/** The fields that every object has beside those of its kind. */
export const COMMON_FIELDS: Fields = {
  apiVersion: text('APIVersion defines the versioned schema of this representation of an object.'),
  kind: text('Kind is a string value representing the REST resource this object represents.'),
  metadata: object("Standard object's metadata.", META_FIELDS),
};
