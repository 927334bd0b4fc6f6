BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0002');
CREATE TABLE answers (
	id VARCHAR(32) NOT NULL, 
	version INTEGER NOT NULL, 
	visit_id VARCHAR(32) NOT NULL, 
	made DATETIME NOT NULL, 
	photos JSON NOT NULL, 
	kind VARCHAR(80) NOT NULL, 
	quality VARCHAR(80) NOT NULL, 
	probabilities JSON NOT NULL, 
	malignancy FLOAT NOT NULL, 
	decision VARCHAR(80) NOT NULL, 
	operating_point VARCHAR(80) NOT NULL, 
	score FLOAT NOT NULL, 
	threshold FLOAT NOT NULL, 
	run VARCHAR(80) NOT NULL, 
	run_sha256 VARCHAR(64) NOT NULL, 
	app_version VARCHAR(80) NOT NULL, 
	skin_tone FLOAT, 
	wrong_by VARCHAR(80) NOT NULL, 
	wrong_at DATETIME, 
	wrong_note TEXT NOT NULL, 
	CONSTRAINT answers_pk PRIMARY KEY (id), 
	CONSTRAINT answers_wrong_ck CHECK ((wrong_at IS NULL) = (wrong_by = '')), 
	CONSTRAINT answers_decision_ck CHECK (decision IN ('refer', 'undecided', 'routine')), 
	CONSTRAINT answers_visit_id_fk FOREIGN KEY(visit_id) REFERENCES visits (id) ON DELETE CASCADE
);
INSERT INTO "answers" VALUES('346c6e2ba02fdaa1ad864c44e049548e',1,'c4069545de11cc9dea959c212e9c82b1','2028-07-27 17:40:46.499624','["2b57d040015f567a13e258f4157e5cfc2cf1053b50e739b4950a5b5e0818bd21"]','dermoscopic','good','[0.01, 0.01, 0.92, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01]',0.04,'routine','high sensitivity',0.04,0.07,'2026-11-28-lite0','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','0.1.0',NULL,'',NULL,'');
INSERT INTO "answers" VALUES('3cc217790825c7cc67e84707ec717f15',1,'9c5f319e834c1b69573ac59a355f2af4','2028-07-18 11:03:33.160843','["55d638964470bed7fbadf1ab19ca0259271651b90b43c6fcb1745576f05a102b"]','dermoscopic','good','[0.01, 0.01, 0.92, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01]',0.04,'routine','high sensitivity',0.04,0.07,'2026-11-28-lite0','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','0.1.0',-12.25,'dr-b','2028-07-18 11:03:33.160843','it was one');
INSERT INTO "answers" VALUES('fd06f9f6d272324860831ef21cd0c151',1,'0f0b97522634f16f5f7cc5d86f3f0240','2026-10-27 01:12:11.605495','["41a2cbaa2eda09abfd7e12fa0d059b728a23df856fbb80a2756730d65b84a54c"]','dermoscopic','good','[0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.92, 0.01]',0.04,'routine','high sensitivity',0.04,0.07,'2026-11-28-lite0','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','0.1.0',NULL,'dr-b','2026-10-27 01:12:11.605495','it was one');
INSERT INTO "answers" VALUES('461cb6e0590ef5945b48368ecc3136d8',1,'c50e2b9943cdc3567c55dde1d5d1cbd0','2029-03-03 16:23:28.968555','["2b57d040015f567a13e258f4157e5cfc2cf1053b50e739b4950a5b5e0818bd21"]','dermoscopic','good','[0.01, 0.01, 0.01, 0.01, 0.92, 0.01, 0.01, 0.01, 0.01]',0.04,'routine','high sensitivity',0.04,0.07,'2026-11-28-lite0','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','0.1.0',-12.25,'dr-b','2029-03-03 16:23:28.968555','it was one');
CREATE TABLE changes (
	number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at DATETIME NOT NULL, 
	who VARCHAR(80) NOT NULL, 
	action VARCHAR(80) NOT NULL, 
	"table" VARCHAR(80) NOT NULL, 
	record_id VARCHAR(32) NOT NULL, 
	patient_id VARCHAR(32), 
	lesion_id VARCHAR(32), 
	old JSON, 
	new JSON, 
	CONSTRAINT changes_action_ck CHECK (action IN ('added', 'changed', 'deleted')), 
	CONSTRAINT changes_who_filled_ck CHECK (who <> '')
);
INSERT INTO "changes" VALUES(1,'2026-11-28 10:55:24.330945','dr-a','added','patients','5bc8fbbcbde5c0994164d8399f767c45','5bc8fbbcbde5c0994164d8399f767c45',NULL,NULL,'{"id": "5bc8fbbcbde5c0994164d8399f767c45", "version": 1, "reference": "P-00000 =x", "birth_year": 2004, "sex": "", "skin_type": 1, "note": "=1+1"}');
INSERT INTO "changes" VALUES(2,'2026-11-28 10:55:24.337387','dr-a','added','lesions','1a1afe878b33e968617959ce3f1f65a8','5bc8fbbcbde5c0994164d8399f767c45','1a1afe878b33e968617959ce3f1f65a8',NULL,'{"id": "1a1afe878b33e968617959ce3f1f65a8", "version": 1, "patient_id": "5bc8fbbcbde5c0994164d8399f767c45", "label": "1", "site": "face", "side": "right", "view": "", "x": null, "y": null, "note": "=1+1"}');
INSERT INTO "changes" VALUES(3,'2026-11-28 10:55:24.356232','dr-a','added','visits','c4069545de11cc9dea959c212e9c82b1','5bc8fbbcbde5c0994164d8399f767c45','1a1afe878b33e968617959ce3f1f65a8',NULL,'{"id": "c4069545de11cc9dea959c212e9c82b1", "version": 1, "lesion_id": "1a1afe878b33e968617959ce3f1f65a8", "date": "2025-04-07", "reason": "", "follow_up_due": "2025-07-06", "note": ""}');
INSERT INTO "changes" VALUES(4,'2026-11-28 10:55:24.374763','dr-a','added','photos','015c33b2df1461aaf8eb18b900745130','5bc8fbbcbde5c0994164d8399f767c45','1a1afe878b33e968617959ce3f1f65a8',NULL,'{"id": "015c33b2df1461aaf8eb18b900745130", "version": 1, "visit_id": "c4069545de11cc9dea959c212e9c82b1", "stored": "2027-02-16T04:20:06.792875-05:00", "sha256": "2b57d040015f567a13e258f4157e5cfc2cf1053b50e739b4950a5b5e0818bd21", "format": "JPEG", "kind": "dermoscopic", "taken": null}');
INSERT INTO "changes" VALUES(5,'2026-11-28 10:55:24.387884','dr-a','added','answers','346c6e2ba02fdaa1ad864c44e049548e','5bc8fbbcbde5c0994164d8399f767c45','1a1afe878b33e968617959ce3f1f65a8',NULL,'{"id": "346c6e2ba02fdaa1ad864c44e049548e", "version": 1, "visit_id": "c4069545de11cc9dea959c212e9c82b1", "made": "2028-07-27T15:40:46.499624-02:00", "photos": ["2b57d040015f567a13e258f4157e5cfc2cf1053b50e739b4950a5b5e0818bd21"], "kind": "dermoscopic", "quality": "good", "probabilities": [0.01, 0.01, 0.92, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01], "malignancy": 0.04, "decision": "routine", "operating_point": "high sensitivity", "score": 0.04, "threshold": 0.07, "run": "2026-11-28-lite0", "run_sha256": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "app_version": "0.1.0", "skin_tone": null, "wrong_by": "", "wrong_at": null, "wrong_note": ""}');
INSERT INTO "changes" VALUES(6,'2026-11-28 10:55:24.389678','dr-a','added','readings','621aef57e4cc4132f7108e96f770c226','5bc8fbbcbde5c0994164d8399f767c45','1a1afe878b33e968617959ce3f1f65a8',NULL,'{"id": "621aef57e4cc4132f7108e96f770c226", "version": 1, "visit_id": "c4069545de11cc9dea959c212e9c82b1", "made": "2028-07-27T15:40:46.499624-02:00", "reader": "dr-a", "role": "dermatologist", "diagnosis": "SCC", "confidence": 70, "management": "follow-up", "criteria": [{"rule": "7-point checklist", "entries": [{"criterion": "atypical network", "value": 2}, {"criterion": "irregular streaks", "value": 0}], "score": 2}], "after_support": false, "answer_id": null, "revises": null, "seconds": 0.02157020837955126, "note": ""}');
INSERT INTO "changes" VALUES(7,'2026-11-28 10:55:24.409664','dr-a','added','readings','43892dfc254cb864ef901b932a7c1880','5bc8fbbcbde5c0994164d8399f767c45','1a1afe878b33e968617959ce3f1f65a8',NULL,'{"id": "43892dfc254cb864ef901b932a7c1880", "version": 1, "visit_id": "c4069545de11cc9dea959c212e9c82b1", "made": "2027-07-05T21:02:27.508329-09:00", "reader": "dr-a", "role": "dermatologist", "diagnosis": "NV", "confidence": 70, "management": "follow-up", "criteria": [], "after_support": true, "answer_id": "346c6e2ba02fdaa1ad864c44e049548e", "revises": "621aef57e4cc4132f7108e96f770c226", "seconds": null, "note": "\u9ed2\u8272\u816b \ud83e\ude7a"}');
INSERT INTO "changes" VALUES(8,'2026-11-28 10:55:24.410816','dr-a','added','reports','ad8d194a9892139600ddb74d960d5a8f','5bc8fbbcbde5c0994164d8399f767c45','1a1afe878b33e968617959ce3f1f65a8',NULL,'{"id": "ad8d194a9892139600ddb74d960d5a8f", "version": 1, "visit_id": "c4069545de11cc9dea959c212e9c82b1", "answer_id": "346c6e2ba02fdaa1ad864c44e049548e", "made": "2028-07-27T15:40:46.499624-02:00", "who": "dr-a", "format": "PDF", "sha256": "ffad478b183f9e4a2548032ebad5ca132d69bdf782e6eaa9a498e309dafc8e4d"}');
INSERT INTO "changes" VALUES(9,'2026-11-28 10:55:24.427366','dr-a','added','outcomes','4e5a3a26d18a669a5af84e6b4f596727','5bc8fbbcbde5c0994164d8399f767c45','1a1afe878b33e968617959ce3f1f65a8',NULL,'{"id": "4e5a3a26d18a669a5af84e6b4f596727", "version": 1, "lesion_id": "1a1afe878b33e968617959ce3f1f65a8", "diagnosis": "SK", "source": "histology", "date": "2028-07-01", "who": "Dr. \u00c5ngstr\u00f6m", "code": "", "note": "=1+1"}');
INSERT INTO "changes" VALUES(10,'2026-11-28 10:55:24.427951','dr-a','added','lesions','f3001cee05da8467f06313fff9a01fe8','5bc8fbbcbde5c0994164d8399f767c45','f3001cee05da8467f06313fff9a01fe8',NULL,'{"id": "f3001cee05da8467f06313fff9a01fe8", "version": 1, "patient_id": "5bc8fbbcbde5c0994164d8399f767c45", "label": "2", "site": "thigh", "side": "right", "view": "back", "x": 0.7046691341409093, "y": 0.057000929535789946, "note": "Zeile 1\nZeile 2"}');
INSERT INTO "changes" VALUES(11,'2026-11-28 10:55:24.439240','dr-a','added','outcomes','73ec28d00252f615d75b1e249419cf4d','5bc8fbbcbde5c0994164d8399f767c45','f3001cee05da8467f06313fff9a01fe8',NULL,'{"id": "73ec28d00252f615d75b1e249419cf4d", "version": 1, "lesion_id": "f3001cee05da8467f06313fff9a01fe8", "diagnosis": "AK", "source": "consensus", "date": "2028-08-16", "who": "dr-a", "code": "", "note": "\u9ed2\u8272\u816b \ud83e\ude7a"}');
INSERT INTO "changes" VALUES(12,'2026-11-28 10:55:24.439835','dr-a','added','outcomes','1e782196324f3e81f453324ef486ab73','5bc8fbbcbde5c0994164d8399f767c45','f3001cee05da8467f06313fff9a01fe8',NULL,'{"id": "1e782196324f3e81f453324ef486ab73", "version": 1, "lesion_id": "f3001cee05da8467f06313fff9a01fe8", "diagnosis": "MEL", "source": "follow-up", "date": "2031-02-11", "who": "Dr. \u00c5ngstr\u00f6m", "code": "", "note": "Zeile 1\nZeile 2"}');
INSERT INTO "changes" VALUES(13,'2026-11-28 10:55:24.440222','dr-a','added','lesions','bf9703c096fabb7b1ba95a54767d5274','5bc8fbbcbde5c0994164d8399f767c45','bf9703c096fabb7b1ba95a54767d5274',NULL,'{"id": "bf9703c096fabb7b1ba95a54767d5274", "version": 1, "patient_id": "5bc8fbbcbde5c0994164d8399f767c45", "label": "3", "site": "lower-leg", "side": "left", "view": "", "x": null, "y": null, "note": "Zeile 1\nZeile 2"}');
INSERT INTO "changes" VALUES(14,'2026-11-28 10:55:24.440622','dr-a','added','visits','9c5f319e834c1b69573ac59a355f2af4','5bc8fbbcbde5c0994164d8399f767c45','bf9703c096fabb7b1ba95a54767d5274',NULL,'{"id": "9c5f319e834c1b69573ac59a355f2af4", "version": 1, "lesion_id": "bf9703c096fabb7b1ba95a54767d5274", "date": "2031-04-18", "reason": "", "follow_up_due": null, "note": ""}');
INSERT INTO "changes" VALUES(15,'2026-11-28 10:55:24.441207','dr-a','added','photos','1404ab1ecc7c6d812d6f2efc4e613a36','5bc8fbbcbde5c0994164d8399f767c45','bf9703c096fabb7b1ba95a54767d5274',NULL,'{"id": "1404ab1ecc7c6d812d6f2efc4e613a36", "version": 1, "visit_id": "9c5f319e834c1b69573ac59a355f2af4", "stored": "2027-07-19T14:51:08.650720+09:00", "sha256": "55d638964470bed7fbadf1ab19ca0259271651b90b43c6fcb1745576f05a102b", "format": "JPEG", "kind": "dermoscopic", "taken": "2031-04-18"}');
INSERT INTO "changes" VALUES(16,'2026-11-28 10:55:24.441877','dr-a','added','answers','3cc217790825c7cc67e84707ec717f15','5bc8fbbcbde5c0994164d8399f767c45','bf9703c096fabb7b1ba95a54767d5274',NULL,'{"id": "3cc217790825c7cc67e84707ec717f15", "version": 1, "visit_id": "9c5f319e834c1b69573ac59a355f2af4", "made": "2028-07-18T01:03:33.160843-10:00", "photos": ["55d638964470bed7fbadf1ab19ca0259271651b90b43c6fcb1745576f05a102b"], "kind": "dermoscopic", "quality": "good", "probabilities": [0.01, 0.01, 0.92, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01], "malignancy": 0.04, "decision": "routine", "operating_point": "high sensitivity", "score": 0.04, "threshold": 0.07, "run": "2026-11-28-lite0", "run_sha256": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "app_version": "0.1.0", "skin_tone": -12.25, "wrong_by": "dr-b", "wrong_at": "2028-07-18T01:03:33.160843-10:00", "wrong_note": "it was one"}');
INSERT INTO "changes" VALUES(17,'2026-11-28 10:55:24.442401','dr-a','added','readings','2547f19c6bf84914a6a5bc9974a677c6','5bc8fbbcbde5c0994164d8399f767c45','bf9703c096fabb7b1ba95a54767d5274',NULL,'{"id": "2547f19c6bf84914a6a5bc9974a677c6", "version": 1, "visit_id": "9c5f319e834c1b69573ac59a355f2af4", "made": "2028-07-18T01:03:33.160843-10:00", "reader": "dr-a", "role": "dermatologist", "diagnosis": "unsure", "confidence": 70, "management": "follow-up", "criteria": [], "after_support": false, "answer_id": null, "revises": null, "seconds": 0.9790506207650106, "note": ""}');
INSERT INTO "changes" VALUES(18,'2026-11-28 10:55:24.442875','dr-a','added','readings','558d2adb7e5a3930cd39e15808606af8','5bc8fbbcbde5c0994164d8399f767c45','bf9703c096fabb7b1ba95a54767d5274',NULL,'{"id": "558d2adb7e5a3930cd39e15808606af8", "version": 1, "visit_id": "9c5f319e834c1b69573ac59a355f2af4", "made": "2028-09-05T23:15:43.162897-05:00", "reader": "dr-a", "role": "dermatologist", "diagnosis": "NV", "confidence": 70, "management": "follow-up", "criteria": [], "after_support": true, "answer_id": "3cc217790825c7cc67e84707ec717f15", "revises": "2547f19c6bf84914a6a5bc9974a677c6", "seconds": null, "note": "=1+1"}');
INSERT INTO "changes" VALUES(19,'2026-11-28 10:55:24.443349','dr-a','added','reports','69f0441ec9bafe62e580c35ea161d909','5bc8fbbcbde5c0994164d8399f767c45','bf9703c096fabb7b1ba95a54767d5274',NULL,'{"id": "69f0441ec9bafe62e580c35ea161d909", "version": 1, "visit_id": "9c5f319e834c1b69573ac59a355f2af4", "answer_id": "3cc217790825c7cc67e84707ec717f15", "made": "2028-07-18T01:03:33.160843-10:00", "who": "dr-a", "format": "PDF", "sha256": "dfd3c50c06cef5f5f4c006215fc22d4117e578204ae3e78b444f2bae623cd36b"}');
INSERT INTO "changes" VALUES(20,'2026-11-28 10:55:24.488727','dr-a','added','visits','0f0b97522634f16f5f7cc5d86f3f0240','5bc8fbbcbde5c0994164d8399f767c45','bf9703c096fabb7b1ba95a54767d5274',NULL,'{"id": "0f0b97522634f16f5f7cc5d86f3f0240", "version": 1, "lesion_id": "bf9703c096fabb7b1ba95a54767d5274", "date": "2021-11-19", "reason": "", "follow_up_due": null, "note": ""}');
INSERT INTO "changes" VALUES(21,'2026-11-28 10:55:24.489556','dr-a','added','photos','bac0d757b057c1627cf7fcf6f5cb2afc','5bc8fbbcbde5c0994164d8399f767c45','bf9703c096fabb7b1ba95a54767d5274',NULL,'{"id": "bac0d757b057c1627cf7fcf6f5cb2afc", "version": 1, "visit_id": "0f0b97522634f16f5f7cc5d86f3f0240", "stored": "2027-05-22T17:26:23.945900-01:00", "sha256": "41a2cbaa2eda09abfd7e12fa0d059b728a23df856fbb80a2756730d65b84a54c", "format": "JPEG", "kind": "dermoscopic", "taken": "2021-11-19"}');
INSERT INTO "changes" VALUES(22,'2026-11-28 10:55:24.490188','dr-a','added','answers','fd06f9f6d272324860831ef21cd0c151','5bc8fbbcbde5c0994164d8399f767c45','bf9703c096fabb7b1ba95a54767d5274',NULL,'{"id": "fd06f9f6d272324860831ef21cd0c151", "version": 1, "visit_id": "0f0b97522634f16f5f7cc5d86f3f0240", "made": "2026-10-27T02:12:11.605495+01:00", "photos": ["41a2cbaa2eda09abfd7e12fa0d059b728a23df856fbb80a2756730d65b84a54c"], "kind": "dermoscopic", "quality": "good", "probabilities": [0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.92, 0.01], "malignancy": 0.04, "decision": "routine", "operating_point": "high sensitivity", "score": 0.04, "threshold": 0.07, "run": "2026-11-28-lite0", "run_sha256": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "app_version": "0.1.0", "skin_tone": null, "wrong_by": "dr-b", "wrong_at": "2026-10-27T02:12:11.605495+01:00", "wrong_note": "it was one"}');
INSERT INTO "changes" VALUES(23,'2026-11-28 10:55:24.490738','dr-a','added','readings','16d1b5ac2e1c5d3a56a68b41de28123c','5bc8fbbcbde5c0994164d8399f767c45','bf9703c096fabb7b1ba95a54767d5274',NULL,'{"id": "16d1b5ac2e1c5d3a56a68b41de28123c", "version": 1, "visit_id": "0f0b97522634f16f5f7cc5d86f3f0240", "made": "2026-10-27T02:12:11.605495+01:00", "reader": "dr-a", "role": "dermatologist", "diagnosis": "VASC", "confidence": 70, "management": "follow-up", "criteria": [{"rule": "7-point checklist", "entries": [{"criterion": "atypical network", "value": 2}, {"criterion": "irregular streaks", "value": 0}], "score": 2}], "after_support": false, "answer_id": null, "revises": null, "seconds": 0.2723101341365193, "note": ""}');
INSERT INTO "changes" VALUES(24,'2026-11-28 10:55:24.491215','dr-a','added','readings','1027e5d35c7fe05880b91b2ede0d0fc5','5bc8fbbcbde5c0994164d8399f767c45','bf9703c096fabb7b1ba95a54767d5274',NULL,'{"id": "1027e5d35c7fe05880b91b2ede0d0fc5", "version": 1, "visit_id": "0f0b97522634f16f5f7cc5d86f3f0240", "made": "2028-10-14T08:28:38.841783Z", "reader": "dr-a", "role": "dermatologist", "diagnosis": "NV", "confidence": 70, "management": "follow-up", "criteria": [], "after_support": true, "answer_id": "fd06f9f6d272324860831ef21cd0c151", "revises": "16d1b5ac2e1c5d3a56a68b41de28123c", "seconds": null, "note": "\t tab, comma"}');
INSERT INTO "changes" VALUES(25,'2026-11-28 10:55:24.508344','dr-a','added','reports','5d09dd294e424b92c277af3208c9196d','5bc8fbbcbde5c0994164d8399f767c45','bf9703c096fabb7b1ba95a54767d5274',NULL,'{"id": "5d09dd294e424b92c277af3208c9196d", "version": 1, "visit_id": "0f0b97522634f16f5f7cc5d86f3f0240", "answer_id": "fd06f9f6d272324860831ef21cd0c151", "made": "2026-10-27T02:12:11.605495+01:00", "who": "dr-a", "format": "PDF", "sha256": "874d21d7a03bf9f93d69d77630bda6d6cf8ea589aac6564e220462bfbb2db040"}');
INSERT INTO "changes" VALUES(26,'2026-11-28 10:55:24.509129','dr-a','added','visits','c50e2b9943cdc3567c55dde1d5d1cbd0','5bc8fbbcbde5c0994164d8399f767c45','bf9703c096fabb7b1ba95a54767d5274',NULL,'{"id": "c50e2b9943cdc3567c55dde1d5d1cbd0", "version": 1, "lesion_id": "bf9703c096fabb7b1ba95a54767d5274", "date": "2026-12-17", "reason": "", "follow_up_due": "2027-03-17", "note": ""}');
INSERT INTO "changes" VALUES(27,'2026-11-28 10:55:24.509710','dr-a','added','photos','402d5ebbc61251908c07985b796bfa00','5bc8fbbcbde5c0994164d8399f767c45','bf9703c096fabb7b1ba95a54767d5274',NULL,'{"id": "402d5ebbc61251908c07985b796bfa00", "version": 1, "visit_id": "c50e2b9943cdc3567c55dde1d5d1cbd0", "stored": "2027-05-22T04:32:46.518377-01:00", "sha256": "2b57d040015f567a13e258f4157e5cfc2cf1053b50e739b4950a5b5e0818bd21", "format": "JPEG", "kind": "dermoscopic", "taken": "2026-12-17"}');
INSERT INTO "changes" VALUES(28,'2026-11-28 10:55:24.525263','dr-a','added','answers','461cb6e0590ef5945b48368ecc3136d8','5bc8fbbcbde5c0994164d8399f767c45','bf9703c096fabb7b1ba95a54767d5274',NULL,'{"id": "461cb6e0590ef5945b48368ecc3136d8", "version": 1, "visit_id": "c50e2b9943cdc3567c55dde1d5d1cbd0", "made": "2029-03-03T21:23:28.968555+05:00", "photos": ["2b57d040015f567a13e258f4157e5cfc2cf1053b50e739b4950a5b5e0818bd21"], "kind": "dermoscopic", "quality": "good", "probabilities": [0.01, 0.01, 0.01, 0.01, 0.92, 0.01, 0.01, 0.01, 0.01], "malignancy": 0.04, "decision": "routine", "operating_point": "high sensitivity", "score": 0.04, "threshold": 0.07, "run": "2026-11-28-lite0", "run_sha256": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "app_version": "0.1.0", "skin_tone": -12.25, "wrong_by": "dr-b", "wrong_at": "2029-03-03T21:23:28.968555+05:00", "wrong_note": "it was one"}');
INSERT INTO "changes" VALUES(29,'2026-11-28 10:55:24.529401','dr-a','added','readings','2c273105d7c6f4e2ec1e07d7599c8f1c','5bc8fbbcbde5c0994164d8399f767c45','bf9703c096fabb7b1ba95a54767d5274',NULL,'{"id": "2c273105d7c6f4e2ec1e07d7599c8f1c", "version": 1, "visit_id": "c50e2b9943cdc3567c55dde1d5d1cbd0", "made": "2029-03-03T21:23:28.968555+05:00", "reader": "dr-a", "role": "dermatologist", "diagnosis": "PBK", "confidence": 70, "management": "follow-up", "criteria": [{"rule": "7-point checklist", "entries": [{"criterion": "atypical network", "value": 2}, {"criterion": "irregular streaks", "value": 0}], "score": 2}], "after_support": false, "answer_id": null, "revises": null, "seconds": 0.9761221883019409, "note": ""}');
INSERT INTO "changes" VALUES(30,'2026-11-28 10:55:24.530022','dr-a','added','readings','faeeb40c8782d4d52450d1c384a4c93f','5bc8fbbcbde5c0994164d8399f767c45','bf9703c096fabb7b1ba95a54767d5274',NULL,'{"id": "faeeb40c8782d4d52450d1c384a4c93f", "version": 1, "visit_id": "c50e2b9943cdc3567c55dde1d5d1cbd0", "made": "2028-04-17T13:23:00.976709-06:00", "reader": "dr-a", "role": "dermatologist", "diagnosis": "NV", "confidence": 70, "management": "follow-up", "criteria": [], "after_support": true, "answer_id": "461cb6e0590ef5945b48368ecc3136d8", "revises": "2c273105d7c6f4e2ec1e07d7599c8f1c", "seconds": null, "note": "Zeile 1\nZeile 2"}');
INSERT INTO "changes" VALUES(31,'2026-11-28 10:55:24.530589','dr-a','added','reports','abbd5e94b83d5f7b142ea4cdb101446a','5bc8fbbcbde5c0994164d8399f767c45','bf9703c096fabb7b1ba95a54767d5274',NULL,'{"id": "abbd5e94b83d5f7b142ea4cdb101446a", "version": 1, "visit_id": "c50e2b9943cdc3567c55dde1d5d1cbd0", "answer_id": "461cb6e0590ef5945b48368ecc3136d8", "made": "2029-03-03T21:23:28.968555+05:00", "who": "dr-a", "format": "PDF", "sha256": "ffad478b183f9e4a2548032ebad5ca132d69bdf782e6eaa9a498e309dafc8e4d"}');
INSERT INTO "changes" VALUES(32,'2026-11-28 10:55:24.531034','dr-a','added','outcomes','c6530cc38d9f07119fad3bf44d7b8661','5bc8fbbcbde5c0994164d8399f767c45','bf9703c096fabb7b1ba95a54767d5274',NULL,'{"id": "c6530cc38d9f07119fad3bf44d7b8661", "version": 1, "lesion_id": "bf9703c096fabb7b1ba95a54767d5274", "diagnosis": "NV", "source": "histology", "date": "2028-10-07", "who": "dr-a", "code": "", "note": "=1+1"}');
INSERT INTO "changes" VALUES(33,'2026-11-28 10:55:24.552592','dr-a','added','outcomes','9fc32bb570e9dc059621787d28f74587','5bc8fbbcbde5c0994164d8399f767c45','bf9703c096fabb7b1ba95a54767d5274',NULL,'{"id": "9fc32bb570e9dc059621787d28f74587", "version": 1, "lesion_id": "bf9703c096fabb7b1ba95a54767d5274", "diagnosis": "DF", "source": "consensus", "date": "2023-02-23", "who": "dr-a", "code": "", "note": "\t tab, comma"}');
CREATE TABLE contents (
	sha256 VARCHAR(64) NOT NULL, 
	content BLOB NOT NULL, 
	CONSTRAINT contents_pk PRIMARY KEY (sha256)
);
INSERT INTO "contents" VALUES('2b57d040015f567a13e258f4157e5cfc2cf1053b50e739b4950a5b5e0818bd21',X'6F6E6520616E64207468652073616D65');
INSERT INTO "contents" VALUES('ffad478b183f9e4a2548032ebad5ca132d69bdf782e6eaa9a498e309dafc8e4d',X'255044462032623537643034303031356635363761313365323538663431353765356366633263663130353362353065373339623439353061356235653038313862643231');
INSERT INTO "contents" VALUES('55d638964470bed7fbadf1ab19ca0259271651b90b43c6fcb1745576f05a102b',X'1C06D55C0DC307EB2826F0257096075703BA9246043798ECF908DEB34E8F8E8B6C1E921742BFFC4F');
INSERT INTO "contents" VALUES('dfd3c50c06cef5f5f4c006215fc22d4117e578204ae3e78b444f2bae623cd36b',X'255044462035356436333839363434373062656437666261646631616231396361303235393237313635316239306234336336666362313734353537366630356131303262');
INSERT INTO "contents" VALUES('41a2cbaa2eda09abfd7e12fa0d059b728a23df856fbb80a2756730d65b84a54c',X'1A7B40D8D771AF6B3DDC784B5AD72524CEF501743C6908EC091FD2FF0CAAD29E3D3B2DDA5D95562B');
INSERT INTO "contents" VALUES('874d21d7a03bf9f93d69d77630bda6d6cf8ea589aac6564e220462bfbb2db040',X'255044462034316132636261613265646130396162666437653132666130643035396237323861323364663835366662623830613237353637333064363562383461353463');
CREATE TABLE lesions (
	id VARCHAR(32) NOT NULL, 
	version INTEGER NOT NULL, 
	patient_id VARCHAR(32) NOT NULL, 
	label VARCHAR(80) NOT NULL, 
	site VARCHAR(80) NOT NULL, 
	side VARCHAR(80) NOT NULL, 
	"view" VARCHAR(80) NOT NULL, 
	x FLOAT, 
	y FLOAT, 
	note TEXT NOT NULL, 
	CONSTRAINT lesions_pk PRIMARY KEY (id), 
	CONSTRAINT lesions_place_ck CHECK ((view = '') = (x IS NULL) AND (view = '') = (y IS NULL)), 
	CONSTRAINT lesions_label_filled_ck CHECK (label <> ''), 
	CONSTRAINT lesions_side_ck CHECK (side IN ('', 'left', 'right')), 
	CONSTRAINT lesions_site_ck CHECK (site IN ('scalp', 'face', 'ear', 'lip', 'neck', 'shoulder', 'chest', 'abdomen', 'upper-back', 'lower-back', 'buttock', 'genitals', 'upper-arm', 'forearm', 'hand', 'thigh', 'lower-leg', 'foot', 'nail', 'other')), 
	CONSTRAINT lesions_view_ck CHECK (view IN ('', 'front', 'back')), 
	CONSTRAINT lesions_x_ck CHECK (x BETWEEN 0 AND 1), 
	CONSTRAINT lesions_y_ck CHECK (y BETWEEN 0 AND 1), 
	CONSTRAINT lesions_patient_id_fk FOREIGN KEY(patient_id) REFERENCES patients (id) ON DELETE CASCADE, 
	CONSTRAINT lesions_patient_id_label_uq UNIQUE (patient_id, label)
);
INSERT INTO "lesions" VALUES('1a1afe878b33e968617959ce3f1f65a8',1,'5bc8fbbcbde5c0994164d8399f767c45','1','face','right','',NULL,NULL,'=1+1');
INSERT INTO "lesions" VALUES('f3001cee05da8467f06313fff9a01fe8',1,'5bc8fbbcbde5c0994164d8399f767c45','2','thigh','right','back',7.04669134140909259045e-01,5.70009295357899459233e-02,'Zeile 1
Zeile 2');
INSERT INTO "lesions" VALUES('bf9703c096fabb7b1ba95a54767d5274',1,'5bc8fbbcbde5c0994164d8399f767c45','3','lower-leg','left','',NULL,NULL,'Zeile 1
Zeile 2');
CREATE TABLE outcomes (
	id VARCHAR(32) NOT NULL, 
	version INTEGER NOT NULL, 
	lesion_id VARCHAR(32) NOT NULL, 
	diagnosis VARCHAR(80) NOT NULL, 
	source VARCHAR(80) NOT NULL, 
	date DATE NOT NULL, 
	who VARCHAR(80) NOT NULL, 
	code VARCHAR(80) NOT NULL, 
	note TEXT NOT NULL, 
	CONSTRAINT outcomes_pk PRIMARY KEY (id), 
	CONSTRAINT outcomes_diagnosis_ck CHECK (diagnosis IN ('AK', 'BCC', 'DF', 'MEL', 'NV', 'PBK', 'SCC', 'SK', 'VASC', 'other')), 
	CONSTRAINT outcomes_source_ck CHECK (source IN ('histology', 'consensus', 'follow-up')), 
	CONSTRAINT outcomes_who_filled_ck CHECK (who <> ''), 
	CONSTRAINT outcomes_lesion_id_fk FOREIGN KEY(lesion_id) REFERENCES lesions (id) ON DELETE CASCADE
);
INSERT INTO "outcomes" VALUES('4e5a3a26d18a669a5af84e6b4f596727',1,'1a1afe878b33e968617959ce3f1f65a8','SK','histology','2028-07-01','Dr. Ångström','','=1+1');
INSERT INTO "outcomes" VALUES('73ec28d00252f615d75b1e249419cf4d',1,'f3001cee05da8467f06313fff9a01fe8','AK','consensus','2028-08-16','dr-a','','黒色腫 🩺');
INSERT INTO "outcomes" VALUES('1e782196324f3e81f453324ef486ab73',1,'f3001cee05da8467f06313fff9a01fe8','MEL','follow-up','2031-02-11','Dr. Ångström','','Zeile 1
Zeile 2');
INSERT INTO "outcomes" VALUES('c6530cc38d9f07119fad3bf44d7b8661',1,'bf9703c096fabb7b1ba95a54767d5274','NV','histology','2028-10-07','dr-a','','=1+1');
INSERT INTO "outcomes" VALUES('9fc32bb570e9dc059621787d28f74587',1,'bf9703c096fabb7b1ba95a54767d5274','DF','consensus','2023-02-23','dr-a','','	 tab, comma');
CREATE TABLE patients (
	id VARCHAR(32) NOT NULL, 
	version INTEGER NOT NULL, 
	reference VARCHAR(80) NOT NULL, 
	birth_year INTEGER, 
	sex VARCHAR(80) NOT NULL, 
	skin_type INTEGER, 
	note TEXT NOT NULL, 
	CONSTRAINT patients_pk PRIMARY KEY (id), 
	CONSTRAINT patients_reference_filled_ck CHECK (reference <> ''), 
	CONSTRAINT patients_sex_ck CHECK (sex IN ('', 'female', 'male', 'other')), 
	CONSTRAINT patients_birth_year_ck CHECK (birth_year BETWEEN 1880 AND 2100), 
	CONSTRAINT patients_skin_type_ck CHECK (skin_type BETWEEN 1 AND 6), 
	CONSTRAINT patients_reference_uq UNIQUE (reference)
);
INSERT INTO "patients" VALUES('5bc8fbbcbde5c0994164d8399f767c45',1,'P-00000 =x',2004,'',1,'=1+1');
CREATE TABLE photos (
	id VARCHAR(32) NOT NULL, 
	version INTEGER NOT NULL, 
	visit_id VARCHAR(32) NOT NULL, 
	stored DATETIME NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	format VARCHAR(80) NOT NULL, 
	kind VARCHAR(80) NOT NULL, 
	taken DATE, 
	CONSTRAINT photos_pk PRIMARY KEY (id), 
	CONSTRAINT photos_sha256_fk FOREIGN KEY(sha256) REFERENCES contents (sha256), 
	CONSTRAINT photos_visit_id_fk FOREIGN KEY(visit_id) REFERENCES visits (id) ON DELETE CASCADE
);
INSERT INTO "photos" VALUES('015c33b2df1461aaf8eb18b900745130',1,'c4069545de11cc9dea959c212e9c82b1','2027-02-16 09:20:06.792875','2b57d040015f567a13e258f4157e5cfc2cf1053b50e739b4950a5b5e0818bd21','JPEG','dermoscopic',NULL);
INSERT INTO "photos" VALUES('1404ab1ecc7c6d812d6f2efc4e613a36',1,'9c5f319e834c1b69573ac59a355f2af4','2027-07-19 05:51:08.650720','55d638964470bed7fbadf1ab19ca0259271651b90b43c6fcb1745576f05a102b','JPEG','dermoscopic','2031-04-18');
INSERT INTO "photos" VALUES('bac0d757b057c1627cf7fcf6f5cb2afc',1,'0f0b97522634f16f5f7cc5d86f3f0240','2027-05-22 18:26:23.945900','41a2cbaa2eda09abfd7e12fa0d059b728a23df856fbb80a2756730d65b84a54c','JPEG','dermoscopic','2021-11-19');
INSERT INTO "photos" VALUES('402d5ebbc61251908c07985b796bfa00',1,'c50e2b9943cdc3567c55dde1d5d1cbd0','2027-05-22 05:32:46.518377','2b57d040015f567a13e258f4157e5cfc2cf1053b50e739b4950a5b5e0818bd21','JPEG','dermoscopic','2026-12-17');
CREATE TABLE readings (
	id VARCHAR(32) NOT NULL, 
	version INTEGER NOT NULL, 
	visit_id VARCHAR(32) NOT NULL, 
	made DATETIME NOT NULL, 
	reader VARCHAR(80) NOT NULL, 
	role VARCHAR(80) NOT NULL, 
	diagnosis VARCHAR(80) NOT NULL, 
	confidence INTEGER NOT NULL, 
	management VARCHAR(80) NOT NULL, 
	criteria JSON NOT NULL, 
	after_support BOOLEAN NOT NULL, 
	answer_id VARCHAR(32), 
	revises VARCHAR(32), 
	seconds FLOAT, 
	note TEXT NOT NULL, 
	CONSTRAINT readings_pk PRIMARY KEY (id), 
	CONSTRAINT readings_diagnosis_ck CHECK (diagnosis IN ('AK', 'BCC', 'DF', 'MEL', 'NV', 'PBK', 'SCC', 'SK', 'VASC', 'other', 'unsure')), 
	CONSTRAINT readings_management_ck CHECK (management IN ('excise', 'biopsy', 'treat', 'refer', 'short-follow-up', 'follow-up', 'none')), 
	CONSTRAINT readings_reader_filled_ck CHECK (reader <> ''), 
	CONSTRAINT readings_role_ck CHECK (role IN ('dermatologist', 'trainee', 'gp', 'nurse', 'other')), 
	CONSTRAINT readings_answer_id_ck CHECK (answer_id IS NULL OR after_support), 
	CONSTRAINT readings_confidence_ck CHECK (confidence BETWEEN 0 AND 100), 
	CONSTRAINT readings_seconds_ck CHECK (seconds >= 0), 
	CONSTRAINT readings_answer_id_fk FOREIGN KEY(answer_id) REFERENCES answers (id) ON DELETE CASCADE, 
	CONSTRAINT readings_revises_fk FOREIGN KEY(revises) REFERENCES readings (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT readings_visit_id_fk FOREIGN KEY(visit_id) REFERENCES visits (id) ON DELETE CASCADE
);
INSERT INTO "readings" VALUES('621aef57e4cc4132f7108e96f770c226',1,'c4069545de11cc9dea959c212e9c82b1','2028-07-27 17:40:46.499624','dr-a','dermatologist','SCC',70,'follow-up','[{"rule": "7-point checklist", "entries": [{"criterion": "atypical network", "value": 2}, {"criterion": "irregular streaks", "value": 0}], "score": 2}]',0,NULL,NULL,2.15702083795512589148e-02,'');
INSERT INTO "readings" VALUES('43892dfc254cb864ef901b932a7c1880',1,'c4069545de11cc9dea959c212e9c82b1','2027-07-06 06:02:27.508329','dr-a','dermatologist','NV',70,'follow-up','[]',1,'346c6e2ba02fdaa1ad864c44e049548e','621aef57e4cc4132f7108e96f770c226',NULL,'黒色腫 🩺');
INSERT INTO "readings" VALUES('2547f19c6bf84914a6a5bc9974a677c6',1,'9c5f319e834c1b69573ac59a355f2af4','2028-07-18 11:03:33.160843','dr-a','dermatologist','unsure',70,'follow-up','[]',0,NULL,NULL,9.79050620765010592982e-01,'');
INSERT INTO "readings" VALUES('558d2adb7e5a3930cd39e15808606af8',1,'9c5f319e834c1b69573ac59a355f2af4','2028-09-06 04:15:43.162897','dr-a','dermatologist','NV',70,'follow-up','[]',1,'3cc217790825c7cc67e84707ec717f15','2547f19c6bf84914a6a5bc9974a677c6',NULL,'=1+1');
INSERT INTO "readings" VALUES('16d1b5ac2e1c5d3a56a68b41de28123c',1,'0f0b97522634f16f5f7cc5d86f3f0240','2026-10-27 01:12:11.605495','dr-a','dermatologist','VASC',70,'follow-up','[{"rule": "7-point checklist", "entries": [{"criterion": "atypical network", "value": 2}, {"criterion": "irregular streaks", "value": 0}], "score": 2}]',0,NULL,NULL,2.72310134136519277348e-01,'');
INSERT INTO "readings" VALUES('1027e5d35c7fe05880b91b2ede0d0fc5',1,'0f0b97522634f16f5f7cc5d86f3f0240','2028-10-14 08:28:38.841783','dr-a','dermatologist','NV',70,'follow-up','[]',1,'fd06f9f6d272324860831ef21cd0c151','16d1b5ac2e1c5d3a56a68b41de28123c',NULL,'	 tab, comma');
INSERT INTO "readings" VALUES('2c273105d7c6f4e2ec1e07d7599c8f1c',1,'c50e2b9943cdc3567c55dde1d5d1cbd0','2029-03-03 16:23:28.968555','dr-a','dermatologist','PBK',70,'follow-up','[{"rule": "7-point checklist", "entries": [{"criterion": "atypical network", "value": 2}, {"criterion": "irregular streaks", "value": 0}], "score": 2}]',0,NULL,NULL,9.76122188301940862942e-01,'');
INSERT INTO "readings" VALUES('faeeb40c8782d4d52450d1c384a4c93f',1,'c50e2b9943cdc3567c55dde1d5d1cbd0','2028-04-17 19:23:00.976709','dr-a','dermatologist','NV',70,'follow-up','[]',1,'461cb6e0590ef5945b48368ecc3136d8','2c273105d7c6f4e2ec1e07d7599c8f1c',NULL,'Zeile 1
Zeile 2');
CREATE TABLE reports (
	id VARCHAR(32) NOT NULL, 
	version INTEGER NOT NULL, 
	visit_id VARCHAR(32) NOT NULL, 
	answer_id VARCHAR(32), 
	made DATETIME NOT NULL, 
	who VARCHAR(80) NOT NULL, 
	format VARCHAR(80) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	CONSTRAINT reports_pk PRIMARY KEY (id), 
	CONSTRAINT reports_answer_id_fk FOREIGN KEY(answer_id) REFERENCES answers (id) ON DELETE CASCADE, 
	CONSTRAINT reports_sha256_fk FOREIGN KEY(sha256) REFERENCES contents (sha256), 
	CONSTRAINT reports_visit_id_fk FOREIGN KEY(visit_id) REFERENCES visits (id) ON DELETE CASCADE
);
INSERT INTO "reports" VALUES('ad8d194a9892139600ddb74d960d5a8f',1,'c4069545de11cc9dea959c212e9c82b1','346c6e2ba02fdaa1ad864c44e049548e','2028-07-27 17:40:46.499624','dr-a','PDF','ffad478b183f9e4a2548032ebad5ca132d69bdf782e6eaa9a498e309dafc8e4d');
INSERT INTO "reports" VALUES('69f0441ec9bafe62e580c35ea161d909',1,'9c5f319e834c1b69573ac59a355f2af4','3cc217790825c7cc67e84707ec717f15','2028-07-18 11:03:33.160843','dr-a','PDF','dfd3c50c06cef5f5f4c006215fc22d4117e578204ae3e78b444f2bae623cd36b');
INSERT INTO "reports" VALUES('5d09dd294e424b92c277af3208c9196d',1,'0f0b97522634f16f5f7cc5d86f3f0240','fd06f9f6d272324860831ef21cd0c151','2026-10-27 01:12:11.605495','dr-a','PDF','874d21d7a03bf9f93d69d77630bda6d6cf8ea589aac6564e220462bfbb2db040');
INSERT INTO "reports" VALUES('abbd5e94b83d5f7b142ea4cdb101446a',1,'c50e2b9943cdc3567c55dde1d5d1cbd0','461cb6e0590ef5945b48368ecc3136d8','2029-03-03 16:23:28.968555','dr-a','PDF','ffad478b183f9e4a2548032ebad5ca132d69bdf782e6eaa9a498e309dafc8e4d');
CREATE TABLE studies (
	id VARCHAR(32) NOT NULL, 
	version INTEGER NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	made DATETIME NOT NULL, 
	salt VARCHAR(32) NOT NULL, 
	owner VARCHAR(64) NOT NULL, 
	washout_days INTEGER NOT NULL, 
	run VARCHAR(80) NOT NULL, 
	run_sha256 VARCHAR(64) NOT NULL, 
	operating_point VARCHAR(80) NOT NULL, 
	CONSTRAINT studies_pk PRIMARY KEY (id), 
	CONSTRAINT studies_name_filled_ck CHECK (name <> ''), 
	CONSTRAINT studies_washout_days_ck CHECK (washout_days BETWEEN 0 AND 365), 
	CONSTRAINT studies_name_uq UNIQUE (name)
);
CREATE TABLE study_cases (
	id VARCHAR(32) NOT NULL, 
	version INTEGER NOT NULL, 
	study_id VARCHAR(32) NOT NULL, 
	number INTEGER NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	format VARCHAR(80) NOT NULL, 
	truth VARCHAR(80) NOT NULL, 
	practice BOOLEAN NOT NULL, 
	early BOOLEAN NOT NULL, 
	probabilities JSON NOT NULL, 
	malignancy FLOAT NOT NULL, 
	decision VARCHAR(80) NOT NULL, 
	threshold FLOAT NOT NULL, 
	CONSTRAINT study_cases_pk PRIMARY KEY (id), 
	CONSTRAINT study_cases_truth_ck CHECK (truth IN ('AK', 'BCC', 'DF', 'MEL', 'NV', 'PBK', 'SCC', 'SK', 'VASC')), 
	CONSTRAINT study_cases_decision_ck CHECK (decision IN ('refer', 'undecided', 'routine')), 
	CONSTRAINT study_cases_sha256_fk FOREIGN KEY(sha256) REFERENCES contents (sha256), 
	CONSTRAINT study_cases_study_id_fk FOREIGN KEY(study_id) REFERENCES studies (id) ON DELETE CASCADE, 
	CONSTRAINT study_cases_study_id_number_uq UNIQUE (study_id, number)
);
CREATE TABLE study_readers (
	id VARCHAR(32) NOT NULL, 
	version INTEGER NOT NULL, 
	study_id VARCHAR(32) NOT NULL, 
	reader VARCHAR(64) NOT NULL, 
	role VARCHAR(80) NOT NULL, 
	half INTEGER NOT NULL, 
	joined DATETIME NOT NULL, 
	CONSTRAINT study_readers_pk PRIMARY KEY (id), 
	CONSTRAINT study_readers_role_ck CHECK (role IN ('dermatologist', 'trainee', 'gp', 'nurse', 'other')), 
	CONSTRAINT study_readers_half_ck CHECK (half BETWEEN 0 AND 1), 
	CONSTRAINT study_readers_study_id_fk FOREIGN KEY(study_id) REFERENCES studies (id) ON DELETE CASCADE, 
	CONSTRAINT study_readers_study_id_reader_uq UNIQUE (study_id, reader)
);
CREATE TABLE study_readings (
	id VARCHAR(32) NOT NULL, 
	version INTEGER NOT NULL, 
	reader_id VARCHAR(32) NOT NULL, 
	case_id VARCHAR(32) NOT NULL, 
	session INTEGER NOT NULL, 
	place INTEGER NOT NULL, 
	supported BOOLEAN NOT NULL, 
	diagnosis VARCHAR(80) NOT NULL, 
	refers BOOLEAN NOT NULL, 
	confidence INTEGER NOT NULL, 
	seconds FLOAT NOT NULL, 
	made DATETIME NOT NULL, 
	CONSTRAINT study_readings_pk PRIMARY KEY (id), 
	CONSTRAINT study_readings_diagnosis_ck CHECK (diagnosis IN ('AK', 'BCC', 'DF', 'MEL', 'NV', 'PBK', 'SCC', 'SK', 'VASC', 'other')), 
	CONSTRAINT study_readings_session_ck CHECK (session BETWEEN 1 AND 2), 
	CONSTRAINT study_readings_confidence_ck CHECK (confidence BETWEEN 0 AND 100), 
	CONSTRAINT study_readings_seconds_ck CHECK (seconds >= 0), 
	CONSTRAINT study_readings_case_id_fk FOREIGN KEY(case_id) REFERENCES study_cases (id) ON DELETE CASCADE, 
	CONSTRAINT study_readings_reader_id_fk FOREIGN KEY(reader_id) REFERENCES study_readers (id) ON DELETE CASCADE, 
	CONSTRAINT study_readings_reader_id_case_id_supported_uq UNIQUE (reader_id, case_id, supported), 
	CONSTRAINT study_readings_reader_id_session_place_uq UNIQUE (reader_id, session, place)
);
CREATE TABLE visits (
	id VARCHAR(32) NOT NULL, 
	version INTEGER NOT NULL, 
	lesion_id VARCHAR(32) NOT NULL, 
	date DATE NOT NULL, 
	reason VARCHAR(80) NOT NULL, 
	follow_up_due DATE, 
	note TEXT NOT NULL, 
	CONSTRAINT visits_pk PRIMARY KEY (id), 
	CONSTRAINT visits_follow_up_due_ck CHECK (follow_up_due >= date), 
	CONSTRAINT visits_lesion_id_fk FOREIGN KEY(lesion_id) REFERENCES lesions (id) ON DELETE CASCADE
);
INSERT INTO "visits" VALUES('c4069545de11cc9dea959c212e9c82b1',1,'1a1afe878b33e968617959ce3f1f65a8','2025-04-07','','2025-07-06','');
INSERT INTO "visits" VALUES('9c5f319e834c1b69573ac59a355f2af4',1,'bf9703c096fabb7b1ba95a54767d5274','2031-04-18','',NULL,'');
INSERT INTO "visits" VALUES('0f0b97522634f16f5f7cc5d86f3f0240',1,'bf9703c096fabb7b1ba95a54767d5274','2021-11-19','',NULL,'');
INSERT INTO "visits" VALUES('c50e2b9943cdc3567c55dde1d5d1cbd0',1,'bf9703c096fabb7b1ba95a54767d5274','2026-12-17','','2027-03-17','');
CREATE INDEX changes_at_ix ON changes (at);
CREATE INDEX changes_lesion_id_ix ON changes (lesion_id);
CREATE INDEX changes_patient_id_ix ON changes (patient_id);
CREATE INDEX changes_record_id_ix ON changes (record_id);
CREATE INDEX lesions_patient_id_ix ON lesions (patient_id);
CREATE INDEX lesions_site_ix ON lesions (site);
CREATE INDEX outcomes_date_ix ON outcomes (date);
CREATE INDEX outcomes_diagnosis_ix ON outcomes (diagnosis);
CREATE INDEX outcomes_lesion_id_ix ON outcomes (lesion_id);
CREATE INDEX visits_date_ix ON visits (date);
CREATE INDEX visits_follow_up_due_ix ON visits (follow_up_due);
CREATE INDEX visits_lesion_id_ix ON visits (lesion_id);
CREATE INDEX answers_decision_ix ON answers (decision);
CREATE INDEX answers_made_ix ON answers (made);
CREATE INDEX answers_visit_id_ix ON answers (visit_id);
CREATE INDEX photos_sha256_ix ON photos (sha256);
CREATE INDEX photos_visit_id_ix ON photos (visit_id);
CREATE INDEX readings_answer_id_ix ON readings (answer_id);
CREATE INDEX readings_diagnosis_ix ON readings (diagnosis);
CREATE INDEX readings_made_ix ON readings (made);
CREATE INDEX readings_revises_ix ON readings (revises);
CREATE INDEX readings_visit_id_ix ON readings (visit_id);
CREATE INDEX reports_answer_id_ix ON reports (answer_id);
CREATE INDEX reports_sha256_ix ON reports (sha256);
CREATE INDEX reports_visit_id_ix ON reports (visit_id);
CREATE TRIGGER changes_stay BEFORE UPDATE ON changes BEGIN SELECT RAISE(ABORT, 'the history cannot be changed'); END;
CREATE TRIGGER changes_remain BEFORE DELETE ON changes WHEN NOT ((OLD.patient_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM patients WHERE id = OLD.patient_id))
    OR (OLD.lesion_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM lesions WHERE id = OLD.lesion_id))) BEGIN SELECT RAISE(ABORT, 'the history cannot be changed'); END;
CREATE INDEX study_cases_sha256_ix ON study_cases (sha256);
CREATE INDEX study_cases_study_id_ix ON study_cases (study_id);
CREATE INDEX study_readers_study_id_ix ON study_readers (study_id);
CREATE INDEX study_readings_case_id_ix ON study_readings (case_id);
CREATE INDEX study_readings_reader_id_ix ON study_readings (reader_id);
CREATE TRIGGER study_readings_stay BEFORE UPDATE ON study_readings BEGIN SELECT RAISE(ABORT, 'a reading of a study cannot be changed'); END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('changes',33);
COMMIT;
